"""Credentials in memory."""

from collections.abc import Sequence

from optout.credential import Credential, hash_key
from optout.errors import Conflict
from tests.fakes.switch import Store


class InMemoryCredentials(Store):
    """The `Credentials` port."""

    def __init__(self) -> None:
        super().__init__()
        self._by_hash: dict[str, Credential] = {}

    def find(self, key: str) -> Credential | None:
        with self._open():
            return self._by_hash.get(hash_key(key))

    def add(self, credential: Credential) -> None:
        with self._open():
            if credential.key_hash in self._by_hash:
                raise Conflict
            self._by_hash[credential.key_hash] = credential

    def revoke(self, key_hash: str) -> None:
        """Take a key out of use."""
        with self._open():
            self._by_hash.pop(key_hash, None)

    def workspaces(self) -> Sequence[str]:
        with self._open():
            return sorted({credential.workspace for credential in self._by_hash.values()})
