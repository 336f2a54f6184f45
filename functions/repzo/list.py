"""GET /mail-unsubscribe: list the records of the suppression list, page by page."""

from optout.suppressions.search import find
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.reply_size import require_fitting
from optout.web.request import query, refuse_unknown_filters
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.list_query import ListQuery, openapi_parameters
from repzo.schemas import PageReply, Record

app = resolver(dialect)


@app.get("/v1/mail-unsubscribe", openapi_extensions=openapi_parameters())
@app.get("/mail-unsubscribe", openapi_extensions=openapi_parameters())
def page(caller: CallerOf, suppressions: SuppressionsPort) -> PageReply:
    refuse_unknown_filters(app.current_event.raw_event, Record, "email", "company_namespace", "_id")
    wanted = ListQuery.read(query(app.current_event.raw_event))
    found = find(suppressions, caller.workspace, wanted.search, offset=wanted.offset, limit=wanted.per_page)
    reply = PageReply.of(found.records, found.total, wanted.page, wanted.per_page)
    require_fitting(reply.data)
    return reply


handler = entrypoint(app)
