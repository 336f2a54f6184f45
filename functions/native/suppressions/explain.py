"""GET /optout/v1/addresses/{email}/explain: explain why an address is suppressed, now or at a given time."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from native import dialect
from native.suppressions.history_schemas import ExplanationView
from native.values import Name, PathEmail, Time
from optout import clock
from optout.suppressions.explain import explain
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
) -> ExplanationView:
    found = explain(suppressions, caller.workspace, email, at)
    now = clock.now()
    return ExplanationView.of(found, now if at is None else min(at, now), topic, namespace)


handler = entrypoint(app)
