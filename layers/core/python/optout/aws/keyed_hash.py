"""Names for what must not stand in a key or a log."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class KeyedHash:
    """Turns what must not stand in a key or a log into a stable name, by a secret that is read when first needed."""

    read_secret: Callable[[], bytes]

    @cached_property
    def _secret(self) -> bytes:
        return self.read_secret()

    def __call__(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode(), "sha256")[:16].hex()
