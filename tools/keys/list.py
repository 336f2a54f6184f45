"""The keys and users of a stack, without any secret. A key's id is the beginning of its SHA-256: it identifies the key,
but gives no access."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from optout.access.credential import Credential, Key, User
from tools.stores import Stores
from tools.table import table

_HEAD = ("workspace", "dialect", "newsletter", "rights", "created", "state")


@dataclass(frozen=True, slots=True)
class Listing:
    """Keys and users, revoked ones included."""

    keys: Sequence[Key]
    users: Sequence[User]

    @classmethod
    def of(cls, stores: Stores, workspace: str | None = None) -> "Listing":
        """Those of one workspace or of all."""
        workspaces = [workspace] if workspace else stores.credentials.workspaces()
        return cls(
            [key for owner in workspaces for key in stores.credentials.keys(owner)],
            [user for owner in workspaces for user in stores.credentials.users(owner)],
        )

    def as_text(self) -> str:
        """A table of the keys, and one of the users if there are any."""
        keys = table(("id", *_HEAD), [(key.credential.id, *_row(key.credential, key)) for key in self.keys])
        users = table(("user", *_HEAD), [(user.username, *_row(user.grants, user)) for user in self.users])
        return f"{keys}\n\n{users}" if self.users else keys

    def as_json(self) -> Mapping[str, Any]:
        """The same as plain values; times in ISO 8601."""
        return {
            "keys": [{"id": key.credential.id, **_values(key.credential, key)} for key in self.keys],
            "users": [{"user": user.username, **_values(user.grants, user)} for user in self.users],
        }


def when(seconds: int) -> str:
    """A time, given in seconds since 1970, as text; "-" for 0."""
    if not seconds:
        return "-"
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _row(grants: Credential, listed: Key | User) -> Iterable[str]:
    rights = ", ".join([*sorted(grants.permissions), *grants.senders])
    state = f"revoked {when(listed.revoked)}" if listed.revoked else "active"
    return grants.workspace, grants.dialect, grants.newsletter or "-", rights or "-", when(listed.made), state


def _values(grants: Credential, listed: Key | User) -> Mapping[str, Any]:
    return {
        "workspace": grants.workspace,
        "dialect": grants.dialect,
        "newsletter": grants.newsletter or None,
        "permissions": sorted(grants.permissions),
        "senders": list(grants.senders),
        "created": _iso(listed.made),
        "revoked": _iso(listed.revoked),
    }


def _iso(seconds: int) -> str | None:
    if not seconds:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
