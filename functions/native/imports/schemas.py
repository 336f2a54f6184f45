"""The words of an import: where its file goes, how far it has got, what is wrong with which row."""

from collections.abc import Iterable
from itertools import islice

from pydantic import ConfigDict, Field

from native.values import Name, iso_or_none
from optout import number
from optout.imports.csv_rows import LONGEST, LONGEST_NAME, FileError, RowError
from optout.imports.job import MOST_ROWS, Import, Pass, Rejected, State, Upload
from optout.runtime.fields import Body, Reply, iso

PAGE = 100
_FILE_ERRORS = {
    FileError.NO_HEADER: "The file is empty. Its first line has to name the columns.",
    FileError.HEADER_NOT_UTF8: "The first line is not UTF-8.",
    FileError.NO_EMAIL_COLUMN: "The first line has to name the columns, one of them email, with commas or semicolons.",
    FileError.COLUMN_TWICE: "The first line names the column email or name twice.",
    FileError.TOO_MANY_ROWS: f"The file has more than {MOST_ROWS} rows. Import it in parts.",
    FileError.CHANGED: "The file was replaced while it was read. Check it again.",
    FileError.GONE: "The file is not there any more.",
}
_ROW_ERRORS = {
    RowError.TOO_LONG: f"The row has more than {LONGEST} bytes.",
    RowError.BROKEN_QUOTE: "A quote is not closed, or closed where no value ends.",
    RowError.NOT_UTF8: "The row is not UTF-8.",
    RowError.TOO_MANY_COLUMNS: "The row has more columns than the first line names.",
    RowError.NO_EMAIL: "The row has no email address.",
    RowError.BAD_EMAIL: "This is not an email address.",
    RowError.BAD_NAME: "The name has a control character or a line break.",
    RowError.LONG_NAME: f"The name has more than {LONGEST_NAME} characters.",
    RowError.FORMULA: "A spreadsheet would take this for a formula.",
}


class NewImport(Body):
    """The body of a new import."""

    model_config = ConfigDict(extra="forbid")

    newsletter: Name


class UploadShown(Reply):
    """A form: POST it as multipart/form-data with all of its fields, and the file as the last one, ``file``."""

    method: str = "POST"
    url: str
    fields: dict[str, str]
    expires: str

    @classmethod
    def of(cls, upload: Upload) -> "UploadShown":
        return cls(url=upload.url, fields=dict(upload.fields), expires=iso(upload.expires))


class Progress(Reply):
    """One time through the file: how far, how fast, and what became of the rows, or would become of them. ``present``
    counts who is there already, also by an earlier row. ``left`` counts who has left: they stay unsubscribed."""

    rows: int
    bytes_read: int
    new: int
    present: int
    rejected: int
    rows_per_second: float | None
    started_at: str
    updated_at: str
    finished_at: str | None
    left: int | None = Field(description="Those of the new and present who are suppressed; the check counts them.")

    @classmethod
    def of(cls, reading: Pass, *, is_check: bool) -> "Progress":
        tally = reading.tally
        return cls(
            rows=tally.rows,
            bytes_read=reading.place.offset,
            new=tally.new,
            present=tally.present,
            rejected=tally.rejected,
            rows_per_second=reading.rows_per_second,
            started_at=iso(reading.started),
            updated_at=iso(reading.updated),
            finished_at=iso_or_none(reading.finished),
            left=tally.left if is_check else None,
        )


class FileErrorShown(Reply):
    """Why a file cannot be read, or not to its end."""

    code: FileError
    message: str

    @classmethod
    def of(cls, error: FileError | None) -> "FileErrorShown | None":
        return cls(code=error, message=_FILE_ERRORS[error]) if error else None


class ImportShown(Reply):
    """Where an import stands."""

    id: str
    newsletter: str
    state: State
    problem: FileErrorShown | None
    created_at: str
    bytes_total: int | None
    check: Progress | None = Field(description="What would become of the rows.")
    addition: Progress | None = Field(description="What became of them.")

    @classmethod
    def of(cls, job: Import) -> "ImportShown":
        return cls(
            id=str(job.number),
            newsletter=job.newsletter,
            state=job.state,
            problem=FileErrorShown.of(job.error),
            created_at=iso(number.milliseconds(job.number)),
            bytes_total=job.file.size if job.file else None,
            check=Progress.of(job.check, is_check=True) if job.check else None,
            addition=Progress.of(job.addition, is_check=False) if job.addition else None,
        )


class ImportCreated(Reply):
    """A new import, and where its file goes."""

    id: str
    newsletter: str
    state: State
    upload: UploadShown

    @classmethod
    def of(cls, job: Import, upload: Upload) -> "ImportCreated":
        return cls(id=str(job.number), newsletter=job.newsletter, state=job.state, upload=UploadShown.of(upload))


class RejectedRow(Reply):
    """A row that was not taken, with the beginning of its text."""

    line: int
    reason: RowError
    message: str
    text: str


class RejectedPage(Reply):
    """Rejected rows in the order of the file; ``after`` leads to the next page, and is null on the last one."""

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
