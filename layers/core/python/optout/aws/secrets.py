"""Secrets: the pepper of keyed hashes and the link keys, cached per container for five minutes."""

import json
from dataclasses import dataclass

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from optout.errors import Unavailable
from optout.messages.link_token import Keys

_SECONDS = 300


@dataclass(frozen=True)
class Secrets:
    """Reads secrets by name or ARN. Every method raises `Unavailable` if that fails."""

    provider: SecretsProvider

    def key(self, name: str) -> bytes:
        """A secret that holds one key."""
        return self._text(name).encode()

    def link_keys(self, name: str) -> Keys:
        """A secret that holds a JSON object of keys by key id: the highest id signs, all keys verify."""
        return {int(kid): key.encode() for kid, key in json.loads(self._text(name)).items()}

    def _text(self, name: str) -> str:
        try:
            return str(self.provider.get(name, max_age=_SECONDS))
        except GetParameterError as error:
            raise Unavailable from error
