"""The fences of the suppression list: a new record is counted, a lifted record is uncounted."""

from typing import TYPE_CHECKING

from optout.aws.fences import Fences, Rows
from optout.suppressions.suppression import Action, Change, View

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class RecordFences(Fences):
    """The fences of the records of all workspaces, with one counter per view."""

    def writes(self, change: Change) -> "list[TransactWriteItemTypeDef]":
        """The writes that count a change, for its transaction."""
        record = change.record
        if change.action is Action.SUPPRESSED:
            return self.adding(_rows(change))
        if change.action is Action.LIFTED:
            return self.removing(record.workspace, record.number, _counters(change))
        return []

    def noted(self, change: Change) -> None:
        """Update the cached open fence after a change was written."""
        if change.action is Action.SUPPRESSED:
            self.note(_rows(change))
        elif change.action is Action.LIFTED:
            self.forget(change.record.workspace)


def _rows(change: Change) -> Rows:
    record = change.record
    return Rows(record.workspace, record.number, record.number, 1, _counters(change))


def _counters(change: Change) -> list[str]:
    return [view.value for view in View if view.shows(change.record.scope)]
