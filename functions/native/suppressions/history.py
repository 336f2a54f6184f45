"""GET /optout/v1/suppressions/{id}/history: show the history of a record, also of a removed one.

Its changes come newest first, page by page.
"""

from native import dialect
from native.suppressions.history_schemas import AfterVersion, ChangeView, HistoryView
from native.values import Limit, record_number
from optout.errors import NotFound
from optout.suppressions.history import history_of
from optout.suppressions.suppression import VERSIONS
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import refuse_unknown_filters
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/optout/v1/suppressions/<record_id>/history")
def history(
    record_id: str,
    caller: CallerOf,
    suppressions: SuppressionsPort,
    limit: Limit = 20,
    after: AfterVersion = VERSIONS,
) -> HistoryView:
    refuse_unknown_filters(app.current_event.raw_event, ChangeView)
    number = record_number(record_id)
    if number is None:
        raise NotFound(record_id)
    found = history_of(suppressions, caller.workspace, number, below=after, limit=limit + 1)
    return HistoryView.of(found, limit)


handler = entrypoint(app)
