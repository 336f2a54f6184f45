"""POST /subscribers: add a subscriber to the newsletter."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from letterbucket import dialect
from letterbucket.schemas import SubscriberBody, SubscriberReply
from optout.confirmations.ask import subscribe_with_confirmation
from optout.errors import Unprocessable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.confirmations import ConfirmQueuePort
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect, invalid=Unprocessable)


@app.post("/api/v1/subscribers", status_code=201)
@app.post("/subscribers", status_code=201)
def create(
    body: Annotated[SubscriberBody, Body()],
    caller: CallerOf,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
    confirm_queue: ConfirmQueuePort,
) -> SubscriberReply:
    newsletter = caller.credential.newsletter
    state = suppressions.state(caller.workspace, body.email)  # first: if this read fails, nothing has been added
    added = subscribe_with_confirmation(subscribers, confirm_queue, caller.workspace, newsletter, [body.subscriber])
    return SubscriberReply.of(added[0], state)


handler = entrypoint(app)
