"""GET /rest/V1/mst-email/unsubscriptions/{id}: what does this row say?"""

from mirasvit import dialect
from mirasvit.schemas import Unsubscription, record_number, trigger_of
from optout.errors import NotFound
from optout.http import CallerOf, entrypoint, resolver
from optout.wiring import SuppressionsPort

app = resolver(dialect)


@app.get("/rest/V1/mst-email/unsubscriptions/<record_id>")
@app.get("/rest/V1/mst-email/unsubscriptions/<record_id>/")
@app.get("/rest/<store>/V1/mst-email/unsubscriptions/<record_id>")
@app.get("/rest/<store>/V1/mst-email/unsubscriptions/<record_id>/")
def get(record_id: str, caller: CallerOf, suppressions: SuppressionsPort) -> Unsubscription:
    record = suppressions.get(caller.workspace, record_number(record_id))
    trigger_id = trigger_of(record.scope) if record else None
    if record is None or trigger_id is None:
        raise NotFound(record_id)
    return Unsubscription.of(record, trigger_id)


handler = entrypoint(app)
