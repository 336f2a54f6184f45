"""Credentials in memory."""

import time
from collections.abc import Sequence
from dataclasses import replace

from optout.access.credential import Credential, Key, Login, User, hash_key
from optout.errors import Conflict
from tests.support.fakes.switch import Store


class InMemoryCredentials(Store):
    """The `Credentials` port."""

    def __init__(self) -> None:
        super().__init__()
        self._by_hash: dict[str, Credential] = {}
        self._logins: dict[tuple[str, str], Login] = {}
        self._users: dict[tuple[str, str], User] = {}  # revoked ones too
        self._made: dict[str, int] = {}
        self._revoked: dict[str, int] = {}

    def find(self, key: str) -> Credential | None:
        with self._open():
            found = self._by_hash.get(hash_key(key))
            if found is None or found.key_hash in self._revoked:
                return None
            if found.login and found.login not in {login.mark for login in self._logins.values()}:
                return None
            return None if found.expires and found.expires <= time.time() else found

    def add(self, credential: Credential) -> None:
        with self._open():
            if credential.key_hash in self._by_hash:
                raise Conflict
            self._by_hash[credential.key_hash] = credential
            self._made[credential.key_hash] = int(time.time())

    def login(self, dialect: str, username: str) -> Login | None:
        with self._open():
            return self._logins.get((dialect, username))

    def add_login(self, login: Login) -> None:
        with self._open():
            if (login.dialect, login.username) in self._logins:
                raise Conflict
            self._logins[login.dialect, login.username] = login
            self._users[login.dialect, login.username] = User(login.username, login.grants, int(time.time()))

    def users(self, workspace: str) -> Sequence[User]:
        with self._open():
            users = [user for user in self._users.values() if user.grants.workspace == workspace]
            return sorted(users, key=lambda user: (user.made, user.username))

    def revoke_login(self, dialect: str, username: str) -> bool:
        with self._open():
            if self._logins.pop((dialect, username), None) is None:
                return False
            self._users[dialect, username] = replace(self._users[dialect, username], revoked=int(time.time()))
            return True

    def revoke(self, key_hash: str) -> None:
        with self._open():
            if key_hash in self._by_hash:
                self._revoked.setdefault(key_hash, int(time.time()))

    def keys(self, workspace: str) -> Sequence[Key]:
        with self._open():
            keys = [
                Key(found, self._made[key_hash], self._revoked.get(key_hash, 0))
                for key_hash, found in self._by_hash.items()
                if found.workspace == workspace and not found.expires
            ]
            return sorted(keys, key=lambda key: (key.made, key.credential.key_hash))

    def workspaces(self) -> Sequence[str]:
        with self._open():
            users = (user.grants for user in self._users.values())
            return sorted({credential.workspace for credential in (*self._by_hash.values(), *users)})
