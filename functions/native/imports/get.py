"""GET /optout/v1/imports/{id}: how far has the import got, how fast, and what became of the rows?"""

from native import dialect
from native.imports.schemas import ImportShown
from native.values import number_of
from optout.imports.control import require
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.imports import ImportsPort

app = resolver(dialect)


@app.get("/optout/v1/imports/<import_id>")
def get(import_id: str, caller: CallerOf, imports: ImportsPort) -> ImportShown:
    caller.credential.require("subscribers")
    return ImportShown.of(require(imports, caller.workspace, number_of(import_id)))


handler = entrypoint(app)
