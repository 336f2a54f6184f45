"""Why a row is not added, and why a file cannot be read."""

from enum import StrEnum


class RowError(StrEnum):
    """Why a row is rejected: it cannot be read, or it does not say that its person agreed to the emails."""

    TOO_LONG = "too_long"
    BROKEN_QUOTE = "broken_quote"
    NOT_UTF8 = "not_utf8"
    TOO_MANY_COLUMNS = "too_many_columns"
    NO_EMAIL = "no_email"
    BAD_EMAIL = "bad_email"
    UNDELIVERABLE = "undeliverable"
    BAD_NAME = "bad_name"
    LONG_NAME = "long_name"
    FORMULA = "formula"
    UNKNOWN_STATUS = "unknown_status"
    UNCONFIRMED = "unconfirmed"
    BLOCKED = "blocked"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    LEFT_IN_ANOTHER_ROW = "left_in_another_row"

    @property
    def malformed(self) -> bool:
        """Whether the row's values cannot be told apart."""
        return self in _MALFORMED

    @property
    def strength(self) -> int:
        """Which of two verdicts about a person counts: the greater one; 0 when it is no verdict about a person."""
        return _STRENGTH.get(self, 0)


_MALFORMED = {RowError.TOO_LONG, RowError.BROKEN_QUOTE, RowError.NOT_UTF8, RowError.TOO_MANY_COLUMNS}
_STRENGTH = {
    error: strength
    for strength, error in enumerate(
        [
            RowError.UNKNOWN_STATUS,
            RowError.UNCONFIRMED,
            RowError.BLOCKED,
            RowError.UNSUBSCRIBED,
            RowError.BOUNCED,
            RowError.COMPLAINED,
        ],
        1,
    )
}


class FileError(StrEnum):
    """Why a file cannot be read to its end."""

    NO_HEADER = "no_header"
    HEADER_NOT_UTF8 = "header_not_utf8"
    NO_EMAIL_COLUMN = "no_email_column"
    COLUMN_TWICE = "column_twice"
    TOO_MANY_ROWS = "too_many_rows"
    CHANGED = "changed"
    GONE = "gone"


class UnreadableFile(Exception):
    """The file cannot be read."""

    def __init__(self, error: FileError) -> None:
        super().__init__(error.value)
        self.error = error
