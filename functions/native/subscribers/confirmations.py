"""GET /optout/v1/subscribers/{id}/confirmations: list the double opt-in confirmations of a subscriber."""

from native import dialect
from native.subscribers.schemas import Confirmations
from native.values import record_number
from optout.errors import NotFound
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.subscribers import SubscribersPort

app = resolver(dialect)


@app.get("/optout/v1/subscribers/<subscriber_id>/confirmations")
def confirmations(subscriber_id: str, caller: CallerOf, subscribers: SubscribersPort) -> Confirmations:
    number = record_number(subscriber_id)
    subscriber = None if number is None else subscribers.find(caller.workspace, number)
    if subscriber is None:
        raise NotFound(subscriber_id)
    found = subscribers.confirmations(subscriber.workspace, subscriber.newsletter, subscriber.number)
    return Confirmations.of(subscriber, found)


handler = entrypoint(app)
