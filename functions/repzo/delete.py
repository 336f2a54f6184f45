"""DELETE /mail-unsubscribe/{id}: remove a record from the suppression list."""

from optout.suppressions.lift import lift
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.schemas import Success, record_number

app = resolver(dialect)


@app.delete("/v1/mail-unsubscribe/<record_id>")
@app.delete("/mail-unsubscribe/<record_id>")
def delete(record_id: str, caller: CallerOf, suppressions: SuppressionsPort) -> Success:
    may_override = "override" in caller.credential.permissions
    lift(suppressions, caller.workspace, record_number(record_id), caller.origin, override=may_override)
    return Success()


handler = entrypoint(app)
