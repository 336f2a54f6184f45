"""Email addresses, as given and in the normalised form that is compared.

The normalised form lower-cases ASCII letters only. Full Unicode case mapping would merge the addresses of different
people (the eszett becomes ``ss``). Dots and plus tags are kept for the same reason. A quoted local part loses its
quotes and backslashes where it needs none: both forms name one mailbox (RFC 5321 4.1.2).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from optout.errors import BadAddress

LONGEST = 254  # RFC 5321 4.5.3.1.3: a path of 256 octets less its angle brackets
LONGEST_LOCAL = 64

# The Unicode categories Cc, Cs, Zl, Zp and Zs. A pattern is fast: the address of every message is parsed.
# What no name and no header has. Joiners, marks of direction and other spaces are parts of names.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)+)"')
_ATOM = r"[^\s\"(),.:;<>@\[\\\]]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Address:
    """An email address: the original text, its local part without needless quotes, and its domain in lower-case
    ASCII."""

    original: str
    local: str
    domain: str

    @classmethod
    def parse(cls, text: str, ascii_domain: str = "") -> Self:
        """Parse an address. A non-ASCII domain needs ``ascii_domain``, its A-label form. Raises `BadAddress`."""
        original = unicodedata.normalize("NFC", text.strip())
        local, _, written = original.rpartition("@")
        domain = (ascii_domain or written).translate(_ASCII_LOWER)
        if not (local and domain.isascii()) or len(original) > LONGEST or len(local) > LONGEST_LOCAL:
            raise BadAddress
        if _SPACE_OR_CONTROL.search(original):
            raise BadAddress
        if "." not in domain or "" in domain.split("."):
            raise BadAddress
        return cls(original, _unquoted(local), domain)

    @property
    def key_form(self) -> str:
        """The normalised form: equal for all spellings of one address."""
        return f"{self.local.translate(_ASCII_LOWER)}@{self.domain}"

    @property
    def sendable(self) -> str:
        """The form used in the envelope of an email."""
        return f"{self.local}@{self.domain}"

    @property
    def deliverable(self) -> bool:
        """Whether SES can deliver to it. SES has no SMTPUTF8, so the local part must be ASCII."""
        return self.local.isascii()


def _unquoted(local: str) -> str:
    """The one form of all spellings of a quoted local part. Another text is returned as it is."""
    quoted = _QUOTED.fullmatch(local)
    if quoted is None:
        return local
    content = re.sub(r"\\(.)", r"\1", quoted[1])
    if _DOT_ATOM.fullmatch(content):
        return content
    escaped = re.sub(r'["\\]', r"\\\g<0>", content)
    return f'"{escaped}"'
