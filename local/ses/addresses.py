"""Email addresses as SES accepts them: ``user@example.com`` or ``Display name <user@example.com>``, in ASCII.

SES does not support SMTPUTF8: the local part must be ASCII, the domain Punycode, and the display name encoded by RFC
2047. SES documents no greatest length; its error message names it.
"""

import re
from email.errors import MessageError
from email.headerregistry import Address
from typing import NamedTuple

from local.ses.errors import BadRequest

SIMULATOR_DOMAIN = "simulator.amazonses.com"
LONGEST = 320  # characters of an address, its encoded display name included
_TOO_LONG = f"Address length is more than {LONGEST} characters long"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_NAMED = re.compile(r'\s*(?P<name>"(?:[^"\\]|\\.)*"\s*|[^<>]*)<(?P<address>[^<>]*)>\s*')


class Mailbox(NamedTuple):
    display_name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


def parse(text: str) -> Mailbox:
    """Parse one address. Raises `BadRequest` with the error message of SES."""
    if _PLAIN.fullmatch(text):
        return Mailbox("", _within_length(text))
    if not text.isascii() or not text.isprintable():
        raise BadRequest("Local address contains control or whitespace")
    named = _NAMED.fullmatch(text)
    address = named["address"] if named else text.strip()
    _check(address)
    _within_length(address)
    if len(text) > LONGEST:
        raise BadRequest(_TOO_LONG)
    return Mailbox(_display_name(named["name"]) if named else "", address)


def _check(address: str) -> None:
    local, at, domain = address.rpartition("@")
    if not at or not domain:
        raise BadRequest("Missing final '@domain'")
    if not local:
        raise BadRequest("User name is missing")
    if not _DOMAIN.fullmatch(domain):
        raise BadRequest("Domain contains illegal character")
    if _PLAIN.fullmatch(address):
        return
    try:
        Address(addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise BadRequest("Illegal address") from error


def _display_name(text: str) -> str:
    name = text.strip()
    quoted = len(name) >= 2 and name[0] == name[-1] == '"'
    if not quoted and re.search(r'[,;:@"()\[\]]', name):
        raise BadRequest("Illegal address: the display name must be quoted")
    return name[1:-1].replace('\\"', '"').replace("\\\\", "\\") if quoted else name


def _within_length(address: str) -> str:
    if len(address) > LONGEST or address.rfind("@") > 64:
        raise BadRequest(_TOO_LONG)
    return address
