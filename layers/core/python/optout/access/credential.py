"""Credentials: who may do what, in which workspace.

A key is 256 random bits, shown once and stored as its SHA-256; no salt or slow hash is needed against guessing that
much. A password is a person's choice, so it is stored under scrypt.
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
    """One key of one dialect. ``senders`` are addresses, or ``@domain`` for all of a domain's; ``consumer`` is the hash
    of the OAuth consumer key that belongs to it; it is good until ``expires`` (epoch seconds, 0 is for ever).
    ``limits`` are its own, by bucket; what they do not name is as its dialect documents it."""

    key_hash: str
    workspace: str
    dialect: str
    user: str = ""
    permissions: frozenset[str] = frozenset()
    newsletter: str = ""
    senders: tuple[str, ...] = ()
    consumer: str = ""
    expires: int = 0
    limits: Mapping[str, Windows] = field(default_factory=dict, hash=False)

    @property
    def id(self) -> str:
        """What logs and history call this credential: enough of the hash to find it, nothing to use it."""
        return self.key_hash[:12]

    @property
    def holder(self) -> str:
        """Whose requests are counted together: those of a user with all their tokens, or of a key."""
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
    """A key as a listing shows it: when it was made and when it was ended (epoch seconds, 0 for never). The key itself
    is nowhere."""

    credential: Credential
    made: int
    revoked: int = 0


@dataclass(frozen=True, slots=True)
class Login:
    """A user of one dialect and what a token of theirs may do; the password is kept under scrypt."""

    dialect: str
    username: str
    password: str
    grants: Credential

    @classmethod
    def of(cls, dialect: str, username: str, password: str, grants: Credential) -> Self:
        return cls(dialect, username, hash_password(password, secrets.token_hex(16)), grants)

    def accepts(self, password: str) -> bool:
        """Whether it is their password."""
        return same(hash_password(password, self.password.partition("$")[0]), self.password)


class Credentials(Protocol):
    """Credentials as they are stored."""

    def find(self, key: str) -> Credential | None:
        """The live credential of a key."""
        ...

    def add(self, credential: Credential) -> None:
        """Store a credential and make its workspace known."""
        ...

    def revoke(self, key_hash: str) -> None:
        """End a credential: the token of a login at once, a key here at once and everywhere within a minute. What is
        not there, or has ended, stays so."""
        ...

    def keys(self, workspace: str) -> Sequence[Key]:
        """Every key of a workspace, ended ones too, oldest first, strongly consistent; tokens of logins are none."""
        ...

    def login(self, dialect: str, username: str) -> Login | None:
        """The login of a user name."""
        ...

    def add_login(self, login: Login) -> None:
        """Store a login; raises `Conflict` when the dialect has that user."""
        ...

    def workspaces(self) -> Sequence[str]:
        """Every workspace there is."""
        ...


def require_known(credentials: Credentials, key: str, dialect: str) -> Credential:
    """The live credential of a key of this dialect; raises `Unauthenticated`."""
    credential = credentials.find(key) if key else None
    if credential is None or credential.dialect != dialect:
        raise Unauthenticated
    return credential


_NOBODY = Login("", "", "$", Credential("", "", ""))


def sign_in(credentials: Credentials, dialect: str, username: str, password: str, lifetime: int, length: int) -> str:
    """A fresh key for who knows the password, good for ``lifetime`` seconds; raises `BadLogin`."""
    login = credentials.login(dialect, username)
    if not (login or _NOBODY).accepts(password) or login is None:  # who is unknown costs as much time
        raise BadLogin
    key = new_key(length=length)
    credentials.add(replace(login.grants, key_hash=hash_key(key), expires=int(time.time()) + lifetime))
    return key


def new_key(prefix: str = "", length: int = 43) -> str:
    """A fresh secret of letters and digits; 43 of them carry 256 bits."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length))


def hash_password(password: str, salt: str) -> str:
    """``salt$hash``, with scrypt at 16 MiB."""
    secret = password.encode("utf-8", "surrogatepass")
    return f"{salt}${hashlib.scrypt(secret, salt=salt.encode(), n=2**14, r=8, p=1).hex()}"


def hash_key(key: str) -> str:
    """How a key is stored and looked up."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two texts without telling by time how far they agree."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
