"""GET /optout/v1/addresses/{email}/explain: explain why the address in the path is suppressed, now or at a given time.

This is the older spelling of `GET /optout/v1/explain?email=`.
"""

from native import dialect
from native.suppressions.history_schemas import AfterVersion, ChangeView, ExplanationView
from native.values import Limit, PathEmail, QueryName, QueryTime
from optout import clock
from optout.suppressions.explain import explain
from optout.suppressions.suppression import VERSIONS
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import refuse_unknown_filters
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/optout/v1/addresses/<email>/explain")
def explained(
    email: PathEmail,
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
