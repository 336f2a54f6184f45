"""GET /optout/v1/subscribers/{id}/confirmations: list the double opt-in confirmations of a subscriber."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from native import dialect
from native.subscribers.schemas import Confirmations, ConfirmationView
from native.values import Limit, record_number
from optout.errors import NotFound
from optout.number import LIMIT
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import refuse_unknown_filters
from optout.wiring.subscribers import SubscribersPort

app = resolver(dialect)


@app.get("/optout/v1/subscribers/<subscriber_id>/confirmations")
def confirmations(
    subscriber_id: str,
    caller: CallerOf,
    subscribers: SubscribersPort,
    limit: Limit = 20,
    after: Annotated[int, Query(ge=1, le=LIMIT, description="The `after` of the previous page.")] = LIMIT,
) -> Confirmations:
    refuse_unknown_filters(app.current_event.raw_event, ConfirmationView)
    number = record_number(subscriber_id)
    subscriber = None if number is None else subscribers.find(caller.workspace, number)
    if subscriber is None:
        raise NotFound(subscriber_id)
    key = subscriber.workspace, subscriber.newsletter, subscriber.number
    return Confirmations.of(subscriber, subscribers.confirmations(*key, before=after, limit=limit + 1), limit)


handler = entrypoint(app)
