"""POST /mail-unsubscribe/remove: remove several records from the suppression list."""

import contextlib
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from optout import errors
from optout.suppressions.lift import lift, removable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.schemas import Removal, Success, numbers_of

app = resolver(dialect)


@app.post("/v1/mail-unsubscribe/remove")
@app.post("/mail-unsubscribe/remove")
def remove(body: Annotated[Removal, Body()], caller: CallerOf, suppressions: SuppressionsPort) -> Success:
    may = removable(caller.credential.permissions)
    records = suppressions.get_many(caller.workspace, numbers_of(body.ids))
    if any(not record.reasons <= may for record in records):
        raise errors.Protected  # all or none
    for record in records:  # when the time is over, a repeated request continues
        with contextlib.suppress(errors.NotFound):  # another request removed it first
            lift(suppressions, caller.workspace, record.number, caller.origin, may)
    return Success()


handler = entrypoint(app)
