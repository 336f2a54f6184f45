"""POST /optout/v1/imports/{id}/check: what would become of everybody in the uploaded file?

It is read as a job and nothing is written; asking again reads it again. 409 when there is no file yet, or when its
people have been added.
"""

from native import dialect
from native.imports.schemas import ImportShown
from native.values import number_of
from optout.imports.control import check
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.imports import FilesPort, ImportQueuePort, ImportsPort

app = resolver(dialect)


@app.post("/optout/v1/imports/<import_id>/check", status_code=202)
def check_import(
    import_id: str, caller: CallerOf, imports: ImportsPort, files: FilesPort, queue: ImportQueuePort
) -> ImportShown:
    caller.credential.require("subscribers")
    return ImportShown.of(check(imports, files, queue, caller.workspace, number_of(import_id)))


handler = entrypoint(app)
