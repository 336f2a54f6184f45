"""GET /optout/v1/imports/{id}/rejected: list the rejected rows of the latest check or addition, with the reasons.

Rejected rows are kept for 30 days.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from native import dialect
from native.imports.schemas import RejectedPage, RejectedRow
from native.values import number_of
from optout.imports.control import require
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import refuse_unknown_filters
from optout.wiring.imports import FilesPort, ImportsPort

app = resolver(dialect)


@app.get("/optout/v1/imports/<import_id>/rejected")
def rejected(
    import_id: str,
    caller: CallerOf,
    imports: ImportsPort,
    files: FilesPort,
    after: Annotated[int, Query(ge=0, le=10**12 - 1, description="The `after` of the previous page.")] = 0,
) -> RejectedPage:
    caller.credential.require("subscribers")
    refuse_unknown_filters(app.current_event.raw_event, RejectedRow)
    job = require(imports, caller.workspace, number_of(import_id))
    return RejectedPage.of(files.rejected(job.number, job.current_pass.index, after) if job.current_pass else ())


handler = entrypoint(app)
