"""POST /optout/v1/imports: create an import of subscribers from a CSV file.

The response has a form to upload the file with. The first line of the file names the columns: `email`, and optionally
`name`. A column that says who has left is understood; other columns are ignored. The file has up to a million rows, in
UTF-8, UTF-16 or Windows-1252, with commas, semicolons or tabs.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from native import dialect
from native.imports.schemas import ImportCreated, NewImport
from optout.errors import Problem, Unprocessable
from optout.imports.control import begin
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.imports import FilesPort, ImportsPort
from optout.wiring.subscribers import SubscribersPort

app = resolver(dialect)


@app.post("/optout/v1/imports", status_code=201)
def create(
    body: Annotated[NewImport, Body()],
    caller: CallerOf,
    subscribers: SubscribersPort,
    imports: ImportsPort,
    files: FilesPort,
) -> ImportCreated:
    caller.credential.require("subscribers")
    if body.newsletter not in subscribers.newsletters(caller.workspace):
        raise Unprocessable("body", Problem("newsletter", "unknown", "There is no such newsletter."))
    job = begin(imports, caller.workspace, body.newsletter)
    return ImportCreated.of(job, files.upload_form(job.number))


handler = entrypoint(app)
