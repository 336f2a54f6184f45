"""The keys that there are, by their ids, and the end of one. An id is the beginning of a key's SHA-256: it finds the
key's item, and opens nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime

from optout.access.credential import Key
from tools.stores import Stores
from tools.table import table

_HEAD = ("id", "workspace", "dialect", "newsletter", "made", "state")


class NoSuchKey(Exception):
    """No key has this id, or more than one has."""


def listing(stores: Stores, workspace: str | None) -> str:
    """A table with one line a key, and never the key."""
    return table(_HEAD, [_row(key) for key in _keys(stores, workspace)])


def revoke(stores: Stores, wanted: str) -> Key:
    """End the key with this id; the key as it was before. Raises `NoSuchKey`."""
    found = [key for key in _keys(stores, None) if key.credential.id == wanted]
    if len(found) != 1:
        raise NoSuchKey(wanted)
    stores.credentials.revoke(found[0].credential.key_hash)
    return found[0]


def when(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _keys(stores: Stores, workspace: str | None) -> Sequence[Key]:
    workspaces = [workspace] if workspace else stores.credentials.workspaces()
    return [key for owner in workspaces for key in stores.credentials.keys(owner)]


def _row(key: Key) -> tuple[str, ...]:
    may = key.credential
    state = f"ended {when(key.revoked)}" if key.revoked else "live"
    return may.id, may.workspace, may.dialect, may.newsletter or "-", when(key.made), state
