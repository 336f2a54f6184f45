"""PUT /subscribers/{id}: change the address, name or status. `active` removes the opt-out from this newsletter only."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from letterbucket import dialect
from letterbucket.schemas import SubscriberChanges, SubscriberReply
from optout.confirmations.ask import update_with_confirmation
from optout.errors import Unprocessable
from optout.number import from_uuid
from optout.subscribers.subscriber import require
from optout.suppressions.lift import removable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.confirmations import ConfirmQueuePort
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect, invalid=Unprocessable)


@app.put("/api/v1/subscribers/<subscriber_id>")
@app.put("/subscribers/<subscriber_id>")
def update(
    subscriber_id: str,
    body: Annotated[SubscriberChanges, Body()],
    caller: CallerOf,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
    confirm_queue: ConfirmQueuePort,
) -> SubscriberReply:
    before = require(subscribers, caller.workspace, caller.credential.newsletter, from_uuid(subscriber_id))
    may = removable(caller.credential.permissions)
    after = update_with_confirmation(subscribers, suppressions, confirm_queue, before, body.changes, caller.origin, may)
    return SubscriberReply.of(after, suppressions.state(caller.workspace, after.address))


handler = entrypoint(app)
