"""POST /api/v1/mailer.unsubscribe: unsubscribe a subscriber from everything."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from optout.number import from_meteor_id
from optout.subscribers.unsubscribe import unsubscribe_by_number
from optout.suppressions.reason import Reason
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort
from rocketchat import dialect
from rocketchat.schemas import Success, UnsubscribeRequest

app = resolver(dialect, bucket="mailer.unsubscribe")


@app.post("/api/v1/mailer.unsubscribe")
def unsubscribe(
    body: Annotated[UnsubscribeRequest, Body()],
    caller: CallerOf,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
) -> Success:
    number, created = from_meteor_id(body.id), body.milliseconds
    if number is not None and created is not None:
        request = (number, created, Reason.UNSUBSCRIBED, caller.origin)
        unsubscribe_by_number(subscribers, suppressions, caller.workspace, *request)
    return Success()  # also for an unknown subscriber, so that the response does not reveal who is one


handler = entrypoint(app)
