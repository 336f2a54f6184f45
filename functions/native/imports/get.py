"""GET /optout/v1/imports/{id}: show the progress of an import and the number of rows by result."""

from native import dialect
from native.imports.schemas import ImportView
from native.values import number_of
from optout.imports.control import require
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.imports import ImportsPort

app = resolver(dialect)


@app.get("/optout/v1/imports/<import_id>")
def get(import_id: str, caller: CallerOf, imports: ImportsPort) -> ImportView:
    caller.credential.require("subscribers")
    return ImportView.of(require(imports, caller.workspace, number_of(import_id)))


handler = entrypoint(app)
