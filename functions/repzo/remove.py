"""POST /mail-unsubscribe/remove: remove several records from the suppression list."""

import contextlib
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from optout import errors
from optout.suppressions.lift import lift
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.schemas import Removal, Success, numbers_of

app = resolver(dialect)
LAST_MOMENT = 2_000  # milliseconds kept back to answer before the function times out


@app.post("/v1/mail-unsubscribe/remove")
@app.post("/mail-unsubscribe/remove")
def remove(body: Annotated[Removal, Body()], caller: CallerOf, suppressions: SuppressionsPort) -> Success:
    may_override = "override" in caller.credential.permissions
    records = suppressions.get_many(caller.workspace, numbers_of(body.ids))
    if not may_override and any(record.reason.protected for record in records):
        raise errors.Protected
    for record in records:
        if app.lambda_context.get_remaining_time_in_millis() < LAST_MOMENT:
            raise errors.Unavailable  # a repeated request continues from here
        with contextlib.suppress(errors.NotFound):  # another request removed it first
            lift(suppressions, caller.workspace, record.number, caller.origin, override=may_override)
    return Success()


handler = entrypoint(app)
