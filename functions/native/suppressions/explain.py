"""GET /optout/v1/addresses/{email}/explain: explain why an address is suppressed, now or at a given time.

The story has the changes up to that time, newest first, page by page. The other parts are the same on every page; they
show at most 50 rules and 50 records.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from native import dialect
from native.suppressions.history_schemas import AfterVersion, ExplanationView
from native.values import Limit, Name, PathEmail, Time
from optout import clock
from optout.suppressions.explain import explain
from optout.suppressions.suppression import VERSIONS
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/optout/v1/addresses/<email>/explain")
def explained(
    email: PathEmail,
    caller: CallerOf,
    suppressions: SuppressionsPort,
    at: Annotated[Time | None, Query()] = None,
    topic: Annotated[Name | None, Query()] = None,
    namespace: Annotated[Name | None, Query()] = None,
    limit: Limit = 20,
    after: AfterVersion = VERSIONS,
) -> ExplanationView:
    found = explain(suppressions, caller.workspace, email, at, below=after, limit=limit + 1)
    now = clock.now()
    return ExplanationView.of(found, now if at is None else min(at, now), topic, namespace, limit)


handler = entrypoint(app)
