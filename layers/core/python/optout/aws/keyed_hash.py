"""Keyed hashes of personal data, for keys and logs."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address


@dataclass(frozen=True)
class KeyedHash:
    """Maps an address or other personal data to 32 hex digits that are safe in keys and logs. The secret is read at the
    first call, which raises `Unavailable` if that fails."""

    read_secret: Callable[[], bytes]

    @cached_property
    def _secret(self) -> bytes:
        return self.read_secret()

    def __call__(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode(), "sha256")[:16].hex()

    def of_ip(self, text: str) -> str:
        """The hash of an IP address; "" for any other text. A caller may choose the text and sees the hash, which must
        not reveal the hash of an address or of a key."""
        try:
            return self(f"ip {ip_address(text)}")
        except ValueError:
            return ""
