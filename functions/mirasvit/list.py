"""GET /rest/V1/mst-email/unsubscriptions: search the suppression list with Magento's searchCriteria."""

from typing import Any

from mirasvit import dialect
from mirasvit.schemas import Unsubscription
from mirasvit.search import criteria as search_criteria
from mirasvit.search import projection
from mirasvit.search.plan import page
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import query, refuse_unknown_filters
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/rest/V1/mst-email/unsubscriptions")
@app.get("/rest/<store>/V1/mst-email/unsubscriptions")
def search(caller: CallerOf, suppressions: SuppressionsPort) -> dict[str, Any]:
    refuse_unknown_filters(app.current_event.raw_event, Unsubscription)
    pairs = query(app.current_event.raw_event)
    criteria, parts = search_criteria.read(pairs), projection.read(pairs)
    rows, total = page(suppressions, caller.workspace, criteria)
    shown = {"items": rows, "search_criteria": criteria.echo, "total_count": total}
    answer: dict[str, Any] = projection.project(shown, parts)
    return answer


handler = entrypoint(app)
