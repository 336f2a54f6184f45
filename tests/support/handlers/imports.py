"""The imports of the files in events/: one with an unread file, one that was checked."""

from typing import TYPE_CHECKING, Any

from optout.imports.job import File, Import, Pass, Rejected, State, Tally
from optout.imports.lines import Place
from optout.imports.rejection import RowError
from optout.wiring.clients import settings
from optout.wiring.imports import files, imports
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, Context, call, invoke, load

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

UPLOADED = 859_111_923_712_031
CHECKED = 859_111_923_712_032
FINE: dict[str, Any] = {"batchItemFailures": []}
FILE = b"email,name\nada@reader.example,Ada\nnobody,N\nleft@reader.example,L\nnew@reader.example,New\nx@y.org,=1\n"
TALLY = Tally(rows=5, new=2, present=1, rejected=2, left=1)


def store(s3: "S3Client") -> None:
    """Put them into the empty table and bucket."""
    for number in (UPLOADED, CHECKED):
        upload(s3, number, FILE)
        imports().create(Import(examples.WORKSPACE, examples.NEWSLETTER, number))
    file = files().find(CHECKED)
    job = imports().get(CHECKED)
    assert file
    assert job
    began = examples.AT + 60_000
    reasons = {RowError.BAD_EMAIL: 1, RowError.FORMULA: 1}
    reading = Pass(1, began, began + 500, Place(len(FILE), 7), TALLY, began + 500, reasons)
    imports().save(Import(job.workspace, job.newsletter, CHECKED, State.CHECKED, File(file.mark, file.size), reading))
    rows = [Rejected(3, RowError.BAD_EMAIL, "nobody,N"), Rejected(6, RowError.FORMULA, "x@y.org,=1")]
    files().reject(CHECKED, 1, 7, rows)


def upload(s3: "S3Client", number: int, content: bytes) -> None:
    """Put a file where a form puts it."""
    s3.put_object(Bucket=settings().imports_bucket, Key=f"uploads/{number:016d}.csv", Body=content)


def ask(what: str, number: object, credentials: dict[str, str] = examples.NATIVE) -> Answer:
    return call(f"native.imports.{what}", path_id=str(number), credentials=credentials)


def run(number: int, context: Context | None = None) -> Any:
    """The job, as its queue calls it."""
    event = load("jobs.import_file")
    event["Records"][0]["body"] = event["Records"][0]["body"].replace(str(UPLOADED), str(number))
    return invoke("jobs.import_file", event, context)
