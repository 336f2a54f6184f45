"""DELETE /rest/V1/mst-email/unsubscriptions/{id}: remove a row from the suppression list."""

from mirasvit import dialect
from mirasvit.rows import require_row
from optout.suppressions.lift import lift, removable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.delete("/rest/V1/mst-email/unsubscriptions/<record_id>")
@app.delete("/rest/<store>/V1/mst-email/unsubscriptions/<record_id>")
def delete(record_id: str, caller: CallerOf, suppressions: SuppressionsPort) -> bool:
    row = require_row(suppressions, caller.workspace, record_id)
    may = removable(caller.credential.permissions)
    lift(suppressions, caller.workspace, row.number, caller.origin, may)
    return True


handler = entrypoint(app)
