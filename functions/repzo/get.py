"""GET /mail-unsubscribe/{id}: show a record of the suppression list."""

from optout.errors import NotFound
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.schemas import Record, RecordReply, record_number

app = resolver(dialect)


@app.get("/v1/mail-unsubscribe/<record_id>")
@app.get("/mail-unsubscribe/<record_id>")
def get(record_id: str, caller: CallerOf, suppressions: SuppressionsPort) -> RecordReply:
    record = suppressions.get(caller.workspace, record_number(record_id))
    if record is None:
        raise NotFound(record_id)
    return RecordReply(data=Record.of(record))


handler = entrypoint(app)
