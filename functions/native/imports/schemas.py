"""Request and reply models of imports: the upload form, the progress, the rejected rows."""

from collections.abc import Iterable
from itertools import islice

from pydantic import ConfigDict, Field

from native.values import Name, iso_or_none
from optout import number
from optout.imports.csv_rows import LONGEST_NAME
from optout.imports.job import MOST_ROWS, Import, Pass, Rejected, State, Upload
from optout.imports.lines import LONGEST
from optout.imports.rejection import FileError, RowError
from optout.runtime.fields import Body, Reply, iso

PAGE = 100
_FILE_ERRORS = {
    FileError.NO_HEADER: "The file is empty. Its first line must name the columns.",
    FileError.HEADER_NOT_UTF8: "The first line is in no known encoding. Save the file as UTF-8.",
    FileError.NO_EMAIL_COLUMN: (
        "The first line must name the columns, with commas, semicolons or tabs between them. "
        "Name the column of the addresses email."
    ),
    FileError.COLUMN_TWICE: (
        "The first line has two columns of addresses or of names. Name the one to use email or name, and the other one "
        "differently."
    ),
    FileError.TOO_MANY_ROWS: (
        f"The file has more than {MOST_ROWS} rows, empty ones included. Remove those, or split it into several imports."
    ),
    FileError.CHANGED: "The file changed while it was read. Check it again.",
    FileError.GONE: "The file no longer exists.",
}
_ROW_ERRORS = {
    RowError.TOO_LONG: f"The row has more than {LONGEST} bytes.",
    RowError.BROKEN_QUOTE: "A quote is not closed, or is closed before the end of a value.",
    RowError.NOT_UTF8: "The row is not UTF-8, or its address is in Windows-1252. Save the file as UTF-8.",
    RowError.TOO_MANY_COLUMNS: "The row has more columns than the first line.",
    RowError.NO_EMAIL: "The row has no email address.",
    RowError.BAD_EMAIL: "This is not an email address.",
    RowError.UNDELIVERABLE: "SES cannot send to an address with non-ASCII characters before the @.",
    RowError.BAD_NAME: "The name contains a control character or a line break.",
    RowError.LONG_NAME: f"The name has more than {LONGEST_NAME} characters.",
    RowError.FORMULA: "A spreadsheet would read this as a formula.",
    RowError.UNKNOWN_STATUS: "The file does not say that this person subscribed: the status is blank or unknown.",
    RowError.UNCONFIRMED: "The file says that this person has not confirmed the subscription.",
    RowError.BLOCKED: "The file says that this person is blocked, suppressed or deleted.",
    RowError.UNSUBSCRIBED: "The file says that this person unsubscribed.",
    RowError.BOUNCED: "The file says that email to this person bounced.",
    RowError.COMPLAINED: "The file says that this person reported email as spam.",
    RowError.LEFT_IN_ANOTHER_ROW: "Another row of the file says that this person left, or cannot be read.",
}


class NewImport(Body):
    """The body of a new import."""

    model_config = ConfigDict(extra="forbid")

    newsletter: Name


class UploadForm(Reply):
    """The upload form. POST it as multipart/form-data with all its fields, and the file as the last field, ``file``."""

    method: str = "POST"
    url: str
    fields: dict[str, str]
    expires: str

    @classmethod
    def of(cls, upload: Upload) -> "UploadForm":
        return cls(url=upload.url, fields=dict(upload.fields), expires=iso(upload.expires))


class Progress(Reply):
    """The progress of a check or an addition, and the number of rows by result. ``present`` counts addresses that
    already are subscribers, also from an earlier row. ``left`` counts suppressed addresses, which stay suppressed."""

    rows: int
    bytes_read: int
    new: int
    present: int
    rejected: int
    rejected_by_reason: dict[RowError, int] = Field(
        description="The rejected rows by reason, among them those whose person has left according to the file."
    )
    empty: int = Field(description="Empty lines, and rows of delimiters only. They are not among `rows`.")
    rows_per_second: float | None
    started_at: str
    updated_at: str
    finished_at: str | None
    left: int | None = Field(description="The suppressed addresses among `new` and `present`; null for an addition.")

    @classmethod
    def of(cls, file_pass: Pass, *, is_check: bool) -> "Progress":
        tally = file_pass.tally
        return cls(
            rows=tally.rows,
            bytes_read=file_pass.place.offset,
            new=tally.new,
            present=tally.present,
            rejected=tally.rejected,
            rejected_by_reason=dict(file_pass.reasons),
            empty=tally.empty,
            rows_per_second=file_pass.rows_per_second,
            started_at=iso(file_pass.started),
            updated_at=iso(file_pass.updated),
            finished_at=iso_or_none(file_pass.finished),
            left=tally.left if is_check else None,
        )


class FileErrorView(Reply):
    """The error that stopped the import."""

    code: FileError
    message: str

    @classmethod
    def of(cls, error: FileError | None) -> "FileErrorView | None":
        return cls(code=error, message=_FILE_ERRORS[error]) if error else None


class ImportView(Reply):
    """An import and its progress."""

    id: str
    newsletter: str
    state: State
    problem: FileErrorView | None
    created_at: str
    bytes_total: int | None
    check: Progress | None = Field(description="The latest check.")
    addition: Progress | None = Field(description="The addition of the subscribers.")

    @classmethod
    def of(cls, job: Import) -> "ImportView":
        return cls(
            id=str(job.number),
            newsletter=job.newsletter,
            state=job.state,
            problem=FileErrorView.of(job.error),
            created_at=iso(number.milliseconds(job.number)),
            bytes_total=job.file.size if job.file else None,
            check=Progress.of(job.check, is_check=True) if job.check else None,
            addition=Progress.of(job.addition, is_check=False) if job.addition else None,
        )


class ImportCreated(Reply):
    """A new import with its upload form."""

    id: str
    newsletter: str
    state: State
    upload: UploadForm

    @classmethod
    def of(cls, job: Import, upload: Upload) -> "ImportCreated":
        return cls(id=str(job.number), newsletter=job.newsletter, state=job.state, upload=UploadForm.of(upload))


class RejectedRow(Reply):
    """A rejected row with the beginning of its text."""

    line: int
    reason: RowError
    message: str
    text: str


class RejectedPage(Reply):
    """Rejected rows in file order. ``after`` is the parameter for the next page, and null on the last one."""

    rejected: list[RejectedRow]
    after: int | None

    @classmethod
    def of(cls, found: Iterable[Rejected]) -> "RejectedPage":
        rows = list(islice(found, PAGE + 1))
        shown = [
            RejectedRow(line=row.line, reason=row.error, message=_ROW_ERRORS[row.error], text=row.text)
            for row in rows[:PAGE]
        ]
        return cls(rejected=shown, after=shown[-1].line if len(rows) > PAGE else None)
