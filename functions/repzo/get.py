"""GET /mail-unsubscribe/{id}: what does this record say?"""

from optout.errors import NotFound
from optout.http import CallerOf, entrypoint, resolver
from optout.wiring import SuppressionsPort
from repzo import dialect
from repzo.schemas import RecordReply, record_number

app = resolver(dialect)


@app.get("/v1/mail-unsubscribe/<record_id>")
@app.get("/mail-unsubscribe/<record_id>")
def get(record_id: str, caller: CallerOf, suppressions: SuppressionsPort) -> RecordReply:
    number = record_number(record_id)
    record = None if number is None else suppressions.get(caller.workspace, number)
    if record is None:
        raise NotFound(record_id)
    return RecordReply.of(record)


handler = entrypoint(app)
