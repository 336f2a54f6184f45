"""POST /optout/v1/imports/{id}/start: add the subscribers in the checked file to the newsletter.

The addition runs as a background job. Existing subscribers stay as they are, and suppressed addresses stay suppressed.
A repeated request changes nothing. 409 when the file is missing, has changed since the check, or its check has not
finished.
"""

from native import dialect
from native.imports.schemas import ImportView
from native.values import number_of
from optout.imports.control import start
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.imports import FilesPort, ImportQueuePort, ImportsPort

app = resolver(dialect)


@app.post("/optout/v1/imports/<import_id>/start", status_code=202)
def start_import(
    import_id: str, caller: CallerOf, imports: ImportsPort, files: FilesPort, queue: ImportQueuePort
) -> ImportView:
    caller.credential.require("subscribers")
    return ImportView.of(start(imports, files, queue, caller.workspace, number_of(import_id)))


handler = entrypoint(app)
