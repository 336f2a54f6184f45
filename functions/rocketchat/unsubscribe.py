"""POST /api/v1/mailer.unsubscribe: a subscriber leaves the mailer, wherever they are subscribed."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from optout.number import from_meteor_id
from optout.subscribers.unsubscribe import unsubscribe_by_number
from optout.suppressions.suppression import Reason
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort
from rocketchat import dialect
from rocketchat.schemas import Leaving, Success

app = resolver(dialect, bucket="mailer.unsubscribe")


@app.post("/api/v1/mailer.unsubscribe")
def unsubscribe(
    body: Annotated[Leaving, Body()], caller: CallerOf, subscribers: SubscribersPort, suppressions: SuppressionsPort
) -> Success:
    number, created = from_meteor_id(body.id), body.milliseconds
    if number is not None and created is not None:
        leaving = (number, created, Reason.UNSUBSCRIBED, caller.origin)
        unsubscribe_by_number(subscribers, suppressions, caller.workspace, *leaving)
    return Success()  # whether there was somebody is told to nobody


handler = entrypoint(app)
