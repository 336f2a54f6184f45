"""POST /api/v1/mailer.unsubscribe: a subscriber leaves the mailer, wherever they are subscribed."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from optout.http import CallerOf, entrypoint, resolver
from optout.number import from_meteor_id
from optout.scope import EVERYTHING
from optout.suppressing import suppress
from optout.suppression import Reason
from optout.wiring import SubscribersPort, SuppressionsPort
from rocketchat import dialect
from rocketchat.schemas import Leaving, Success

app = resolver(dialect)


@app.post("/api/v1/mailer.unsubscribe")
def unsubscribe(
    body: Annotated[Leaving, Body()], caller: CallerOf, subscribers: SubscribersPort, suppressions: SuppressionsPort
) -> Success:
    number = from_meteor_id(body.id)
    subscriber = None if number is None else subscribers.find(caller.workspace, number)
    if subscriber is not None and subscriber.created == body.milliseconds:  # the answer tells nobody whether it was
        address = subscriber.address
        suppress(suppressions, caller.workspace, address, EVERYTHING, Reason.UNSUBSCRIBED, caller.origin)
    return Success()


handler = entrypoint(app)
