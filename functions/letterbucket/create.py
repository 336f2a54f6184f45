"""POST /subscribers: add somebody to the newsletter."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from letterbucket import dialect
from letterbucket.schemas import NewSubscriber, SubscriberReply
from optout.confirmations.ask import subscribe_and_ask
from optout.errors import Unprocessable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.confirmations import ConfirmBellPort
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect, invalid=Unprocessable)


@app.post("/api/v1/subscribers", status_code=201)
@app.post("/subscribers", status_code=201)
def create(
    body: Annotated[NewSubscriber, Body()],
    caller: CallerOf,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
    ring: ConfirmBellPort,
) -> SubscriberReply:
    newsletter = caller.credential.newsletter
    state = suppressions.state(caller.workspace, body.email)  # first: nobody is added whom we could not show
    (subscriber,) = subscribe_and_ask(subscribers, ring, caller.workspace, newsletter, [body.newcomer])
    return SubscriberReply.of(subscriber, state)


handler = entrypoint(app)
