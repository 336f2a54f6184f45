"""GET /rest/V1/mst-email/unsubscriptions/{id}: show a row of the suppression list."""

from mirasvit import dialect
from mirasvit.rows import require_row
from mirasvit.schemas import Unsubscription
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/rest/V1/mst-email/unsubscriptions/<record_id>")
@app.get("/rest/<store>/V1/mst-email/unsubscriptions/<record_id>")
def get(record_id: str, caller: CallerOf, suppressions: SuppressionsPort) -> Unsubscription:
    return Unsubscription.of(require_row(suppressions, caller.workspace, record_id))


handler = entrypoint(app)
