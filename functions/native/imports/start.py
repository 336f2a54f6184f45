"""POST /optout/v1/imports/{id}/start: add the people of the checked file.

It is done as a job. Who is there stays as they are, and who has left stays unsubscribed. Asking again changes nothing.
409 when the file is not there, not checked to its end, or not the one that was checked.
"""

from native import dialect
from native.imports.schemas import ImportShown
from native.values import number_of
from optout.imports.control import start
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.imports import FilesPort, ImportQueuePort, ImportsPort

app = resolver(dialect)


@app.post("/optout/v1/imports/<import_id>/start", status_code=202)
def start_import(
    import_id: str, caller: CallerOf, imports: ImportsPort, files: FilesPort, queue: ImportQueuePort
) -> ImportShown:
    caller.credential.require("subscribers")
    return ImportShown.of(start(imports, files, queue, caller.workspace, number_of(import_id)))


handler = entrypoint(app)
