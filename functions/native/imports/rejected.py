"""GET /optout/v1/imports/{id}/rejected: which rows were not taken when the file was last read, and why?

They are kept for 30 days.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from native import dialect
from native.imports.schemas import RejectedPage, import_number
from optout.imports.control import require
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.imports import FilesPort, ImportsPort

app = resolver(dialect)


@app.get("/optout/v1/imports/<import_id>/rejected")
def rejected(
    import_id: str,
    caller: CallerOf,
    imports: ImportsPort,
    files: FilesPort,
    after: Annotated[int, Query(ge=0, le=10**12 - 1, description="The line that the page before ended with.")] = 0,
) -> RejectedPage:
    caller.credential.require("subscribers")
    job = require(imports, caller.workspace, import_number(import_id))
    return RejectedPage.of(files.rejected(job.number, job.reading.index, after) if job.reading else ())


handler = entrypoint(app)
