"""POST /subscribers/bulk: add up to 100 subscribers to the newsletter, all or none."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from letterbucket import dialect
from letterbucket.schemas import BulkReply, SubscriberBody
from optout.confirmations.ask import subscribe_with_confirmation
from optout.errors import Unprocessable
from optout.subscribers.membership import member
from optout.subscribers.subscribe import TOGETHER
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.confirmations import ConfirmQueuePort
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect, invalid=Unprocessable, bucket="bulk", root=list)


@app.post("/api/v1/subscribers/bulk", status_code=201)
@app.post("/subscribers/bulk", status_code=201)
def bulk(
    body: Annotated[list[SubscriberBody], Body(min_length=1, max_length=TOGETHER)],
    caller: CallerOf,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
    confirm_queue: ConfirmQueuePort,
) -> BulkReply:
    new_subscribers = [item.subscriber for item in body]
    states = suppressions.states(caller.workspace, [one.address for one in new_subscribers])
    created = subscribe_with_confirmation(
        subscribers, confirm_queue, caller.workspace, caller.credential.newsletter, new_subscribers
    )
    return BulkReply.of(member(one, states[one.address]) for one in created)


handler = entrypoint(app)
