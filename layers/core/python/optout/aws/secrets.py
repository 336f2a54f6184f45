"""Secrets: the pepper of keyed hashes and the link keys, cached per container for five minutes."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aws_lambda_powertools.utilities.parameters.base import BaseProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from optout.errors import Unavailable
from optout.messages.link_token import Keys

_SECONDS = 300
_PAUSE = 30  # seconds between two reads because of unknown key ids, which anyone can make up


@dataclass(frozen=True)
class Secrets:
    """Reads secrets by name or ARN. Every method raises `Unavailable` if that fails."""

    provider: BaseProvider

    def key(self, name: str) -> bytes:
        """A secret that holds one key."""
        return self._text(name).encode()

    def link_keys(self, name: str) -> Keys:
        """A secret that holds a JSON object of keys by key id: the highest id signs, all keys verify."""
        return _LinkKeys(_keys(self._text(name)), lambda: _keys(self._text(name, again=self._may_read_again(name))))

    def _may_read_again(self, name: str) -> bool:
        last = (name, "again")
        if self.provider.has_not_expired_in_cache(last):
            return False
        self.provider.add_to_cache(last, last, _PAUSE)
        return True

    def _text(self, name: str, *, again: bool = False) -> str:
        try:
            return str(self.provider.get(name, max_age=_SECONDS, force_fetch=again))
        except GetParameterError as error:
            raise Unavailable from error


class _LinkKeys(Mapping[int, bytes]):
    """Keys by key id. An unknown id reads the secret again: the email may come from a container that started after the
    key was added."""

    def __init__(self, keys: Keys, again: Callable[[], Keys]) -> None:
        self._keys, self._again = keys, again

    def __getitem__(self, kid: int) -> bytes:
        if kid not in self._keys:
            self._keys = self._again()
        return self._keys[kid]

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _keys(text: str) -> Keys:
    return {int(kid): key.encode() for kid, key in json.loads(text).items()}
