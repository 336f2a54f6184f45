"""POST /optout/v1/imports/{id}/check: check the uploaded file without adding its subscribers.

The check runs as a background job. Its `rejected_by_reason` shows who would not be added, among them those who have
left according to the file. A repeated request checks the file again. 409 when no file has been uploaded, or when the
import has been started.
"""

from native import dialect
from native.imports.schemas import ImportView
from native.values import number_of
from optout.imports.control import check
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.imports import FilesPort, ImportQueuePort, ImportsPort

app = resolver(dialect)


@app.post("/optout/v1/imports/<import_id>/check", status_code=202)
def check_import(
    import_id: str, caller: CallerOf, imports: ImportsPort, files: FilesPort, queue: ImportQueuePort
) -> ImportView:
    caller.credential.require("subscribers")
    return ImportView.of(check(imports, files, queue, caller.workspace, number_of(import_id)))


handler = entrypoint(app)
