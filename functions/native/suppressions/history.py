"""GET /optout/v1/suppressions/{id}/history: show the history of a record, also of a removed one."""

from native import dialect
from native.suppressions.history_schemas import History
from native.values import record_number
from optout.errors import NotFound
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/optout/v1/suppressions/<record_id>/history")
def history(record_id: str, caller: CallerOf, suppressions: SuppressionsPort) -> History:
    number = record_number(record_id)
    changes = () if number is None else suppressions.history_of(caller.workspace, number)
    if not changes:
        raise NotFound(record_id)
    return History.of(changes)


handler = entrypoint(app)
