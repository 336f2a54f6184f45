"""GET /subscribers: list the subscribers of the newsletter, newest first, and the total number."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from letterbucket import dialect
from letterbucket.schemas import ListReply, SubscriberView, WholeNumber
from optout.subscribers.membership import listing
from optout.subscribers.subscriber import Status
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import refuse_unknown_filters
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/api/v1/subscribers")
@app.get("/subscribers")
def search(
    caller: CallerOf,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
    page: Annotated[WholeNumber, Query(ge=1)] = 1,
    limit: Annotated[WholeNumber, Query(ge=1, le=100)] = 50,
    status: Annotated[Status | None, Query()] = None,
) -> ListReply:
    refuse_unknown_filters(app.current_event.raw_event, SubscriberView, "status")
    newsletter, offset = caller.credential.newsletter, (page - 1) * limit
    found, total = listing(subscribers, suppressions, caller.workspace, newsletter, status, offset=offset, limit=limit)
    return ListReply.of(found, page, limit, total)


handler = entrypoint(app)
