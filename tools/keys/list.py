"""The keys of a stack. A key's id is the beginning of its SHA-256: it identifies the key, but gives no access."""

from collections.abc import Sequence
from datetime import UTC, datetime

from optout.access.credential import Key
from tools.stores import Stores
from tools.table import table

_HEAD = ("id", "workspace", "dialect", "newsletter", "created", "state")


def keys(stores: Stores, workspace: str | None = None) -> Sequence[Key]:
    """The keys of one workspace or of all, revoked ones included."""
    workspaces = [workspace] if workspace else stores.credentials.workspaces()
    return [key for owner in workspaces for key in stores.credentials.keys(owner)]


def as_table(found: Sequence[Key]) -> str:
    """A table with one line per key, without the keys themselves."""
    return table(_HEAD, [_row(key) for key in found])


def when(seconds: int) -> str:
    """A time, given in seconds since 1970, as text."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _row(key: Key) -> tuple[str, ...]:
    grants = key.credential
    state = f"revoked {when(key.revoked)}" if key.revoked else "active"
    return grants.id, grants.workspace, grants.dialect, grants.newsletter or "-", when(key.made), state
