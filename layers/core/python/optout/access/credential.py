"""Credentials: API keys, login tokens and their permissions.

A key has 256 random bits, is shown once and stored as its SHA-256: so much entropy needs no salt and no slow hash. A
password is chosen by a person, so it is stored with scrypt.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from optout.access.limit import Windows
from optout.address import Address
from optout.errors import BadLogin, BadSender, Forbidden, Unauthenticated


@dataclass(frozen=True, slots=True)
class Credential:
    """The permissions of one key of one dialect. ``senders`` holds addresses, or ``@domain`` for a whole domain;
    ``consumer`` is the hash of the OAuth consumer key; ``expires`` is in epoch seconds (0: never). ``login`` is the
    mark of the login that a token belongs to ("": it is no token). ``limits`` overrides the dialect's rate limits, by
    bucket."""

    key_hash: str
    workspace: str
    dialect: str
    user: str = ""
    permissions: frozenset[str] = frozenset()
    newsletter: str = ""
    senders: tuple[str, ...] = ()
    consumer: str = ""
    expires: int = 0
    login: str = ""
    limits: Mapping[str, Windows] = field(default_factory=dict, hash=False)

    @property
    def id(self) -> str:
        """The id in logs and history: enough of the hash to find the credential, useless as a key."""
        return self.key_hash[:12]

    @property
    def holder(self) -> str:
        """The subject of rate limits: a user with all their tokens, or a key."""
        return hash_key(f"{self.dialect}/{self.workspace}/{self.user}") if self.user else self.key_hash

    def require(self, permission: str) -> None:
        """Raises `Forbidden` without the permission."""
        if permission not in self.permissions:
            raise Forbidden(permission)

    def require_sender(self, sender: Address) -> None:
        """Raises `BadSender` when this credential may not send from the address."""
        if sender.key_form not in self.senders and f"@{sender.domain}" not in self.senders:
            raise BadSender


@dataclass(frozen=True, slots=True)
class Key:
    """A key in a listing, with the times of its creation and its revocation (epoch seconds, 0: not revoked). The secret
    itself is not stored."""

    credential: Credential
    made: int
    revoked: int = 0


@dataclass(frozen=True, slots=True)
class Login:
    """A user of one dialect. ``password`` is an scrypt hash, ``grants`` the credential that their tokens copy."""

    dialect: str
    username: str
    password: str
    grants: Credential

    @classmethod
    def of(cls, dialect: str, username: str, password: str, grants: Credential) -> Self:
        return cls(dialect, username, hash_password(password, secrets.token_hex(16)), grants)

    @property
    def mark(self) -> str:
        """It names the user and this password, and reveals neither. A new password makes another mark."""
        return f"{hash_key(self.username)}${self.password.partition('$')[0]}"

    def accepts(self, password: str) -> bool:
        """Whether the password is right."""
        return same(hash_password(password, self.password.partition("$")[0]), self.password)


@dataclass(frozen=True, slots=True)
class User:
    """A login in a listing, with the times of its creation (epoch seconds, 0: unknown) and its revocation (0: not
    revoked). The password itself is not stored."""

    username: str
    grants: Credential
    made: int
    revoked: int = 0


class Credentials(Protocol):
    """Credentials as they are stored."""

    def find(self, key: str) -> Credential | None:
        """The credential of a key; None if it is unknown, expired or revoked, or if its login has ended or has another
        password by now."""
        ...

    def add(self, credential: Credential) -> None:
        """Store a credential and register its workspace."""
        ...

    def revoke(self, key_hash: str) -> None:
        """Revoke a credential. A login token stops working at once, a key within a minute. Nothing happens if the
        credential is unknown or already revoked."""
        ...

    def keys(self, workspace: str) -> Sequence[Key]:
        """All keys of a workspace, oldest first, strongly consistent: revoked ones too, but no login tokens."""
        ...

    def login(self, dialect: str, username: str) -> Login | None:
        """The login with this user name; None if it is unknown or revoked."""
        ...

    def add_login(self, login: Login) -> None:
        """Store a login and register its workspace; raises `Conflict` if the dialect has this user already. A revoked
        user can be added again."""
        ...

    def users(self, workspace: str) -> Sequence[User]:
        """All logins of a workspace, oldest first, strongly consistent: revoked ones too."""
        ...

    def revoke_login(self, dialect: str, username: str) -> bool:
        """End a login and all its tokens at once. False if there is none."""
        ...

    def workspaces(self) -> Sequence[str]:
        """All workspaces."""
        ...


def require_known(credentials: Credentials, key: str, dialect: str) -> Credential:
    """The credential of a valid key of this dialect; raises `Unauthenticated`."""
    credential = credentials.find(key) if key else None
    if credential is None or credential.dialect != dialect:
        raise Unauthenticated
    return credential


_UNKNOWN_USER = Login("", "", "$", Credential("", "", ""))


def sign_in(credentials: Credentials, dialect: str, username: str, password: str, lifetime: int, length: int) -> str:
    """Log in: a new token, valid for ``lifetime`` seconds; raises `BadLogin`."""
    login = credentials.login(dialect, username)
    if not (login or _UNKNOWN_USER).accepts(password) or login is None:  # an unknown user takes as much time
        raise BadLogin
    key = new_key(length=length)
    expires = int(time.time()) + lifetime
    credentials.add(replace(login.grants, key_hash=hash_key(key), expires=expires, login=login.mark))
    return key


def new_key(prefix: str = "", length: int = 43) -> str:
    """A new random secret of letters and digits; 43 of them have 256 bits."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length))


def hash_password(password: str, salt: str) -> str:
    """``salt$hash``, by scrypt with 16 MiB of memory."""
    secret = password.encode("utf-8", "surrogatepass")
    return f"{salt}${hashlib.scrypt(secret, salt=salt.encode(), n=2**14, r=8, p=1).hex()}"


def hash_key(key: str) -> str:
    """The hash under which a key is stored and looked up."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
