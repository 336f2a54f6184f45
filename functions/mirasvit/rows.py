"""The rows of this dialect: the suppressions that it can express."""

from mirasvit.schemas import record_number, trigger_of
from optout.errors import NotFound
from optout.suppressions.suppression import Suppression, Suppressions


def require_row(suppressions: Suppressions, workspace: str, row_id: str) -> Suppression:
    """The record with an id from the path; raises `NotFound`, also for a record that this dialect cannot express."""
    record = suppressions.get(workspace, record_number(row_id))
    if record is None or trigger_of(record.scope) is None:
        raise NotFound(row_id)
    return record
