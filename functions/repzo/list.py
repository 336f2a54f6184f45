"""GET /mail-unsubscribe: which records are there, page by page?"""

from optout.suppressions.search import find
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import query
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.list_query import Listing, documented
from repzo.schemas import PageReply

app = resolver(dialect)


@app.get("/v1/mail-unsubscribe", openapi_extensions=documented())
@app.get("/mail-unsubscribe", openapi_extensions=documented())
def page(caller: CallerOf, suppressions: SuppressionsPort) -> PageReply:
    wanted = Listing.read(query(app.current_event.raw_event))
    found = find(suppressions, caller.workspace, wanted.search, offset=wanted.offset, limit=wanted.per_page)
    return PageReply.of(found.records, found.total, wanted.page, wanted.per_page)


handler = entrypoint(app)
