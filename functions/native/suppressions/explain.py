"""GET /optout/v1/explain?email=: explain why an address is suppressed, now or at a given time.

The story has the changes up to that time, newest first, page by page. The other parts are the same on every page; they
show at most 50 rules and 50 records.
"""

from native import dialect
from native.suppressions.history_schemas import AfterVersion, ChangeView, ExplanationView
from native.values import Limit, QueryEmail, QueryName, QueryTime
from optout import clock
from optout.suppressions.explain import explain
from optout.suppressions.suppression import VERSIONS
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import refuse_unknown_filters
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/optout/v1/explain")
def explained(
    email: QueryEmail,
    caller: CallerOf,
    suppressions: SuppressionsPort,
    at: QueryTime = None,
    topic: QueryName = None,
    namespace: QueryName = None,
    limit: Limit = 20,
    after: AfterVersion = VERSIONS,
) -> ExplanationView:
    refuse_unknown_filters(app.current_event.raw_event, ChangeView, "at")
    found = explain(suppressions, caller.workspace, email, at, below=after, limit=limit + 1)
    now = clock.now()
    return ExplanationView.of(found, now if at is None else min(at, now), topic, namespace, limit)


handler = entrypoint(app)
