"""POST /mail-unsubscribe/remove: may all these be written to again, as far as these records go?"""

import contextlib
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from optout import errors
from optout.suppressions.lift import lift, removable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.schemas import Done, Removal, numbers_of

app = resolver(dialect)
LAST_MOMENT = 2_000  # milliseconds that are kept to say so when the time is up


@app.post("/v1/mail-unsubscribe/remove")
@app.post("/mail-unsubscribe/remove")
def remove(body: Annotated[Removal, Body()], caller: CallerOf, suppressions: SuppressionsPort) -> Done:
    may = removable(caller.credential.permissions)
    records = suppressions.get_many(caller.workspace, numbers_of(body.ids))
    if any(not record.reasons <= may for record in records):
        raise errors.Protected  # all or none
    for record in records:
        if app.lambda_context.get_remaining_time_in_millis() < LAST_MOMENT:
            raise errors.Unavailable  # the same request again goes on from here
        with contextlib.suppress(errors.NotFound):  # somebody else was faster
            lift(suppressions, caller.workspace, record.number, caller.origin, may)
    return Done()


handler = entrypoint(app)
