"""The limits of one message: recipients, headers, tags and size."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from local.ses import addresses
from local.ses.errors import BadRequest

MAX_RECIPIENTS = 50
MAX_ENTRIES = 50
MAX_HEADERS = 15
MAX_TAGS = 50
MAX_MESSAGE_BYTES = 40 * 1024 * 1024

# Amazon SES Developer Guide, "Amazon SES header fields": not allowed as custom headers of Simple and Template content.
_SET_BY_SES = (
    "bcc cc content-disposition content-type date from message-id mime-version reply-to return-path subject to"
)
FORBIDDEN_HEADERS = frozenset(_SET_BY_SES.split())
# The same page: fields that may appear only once in a message.
_ONCE = """
    accept-language acceptlanguage archived-at auto-submitted bounces-to comments content-alternative content-base
    content-class content-description content-duration content-id content-language content-length content-location
    content-md5 content-transfer-encoding delivered-to disposition-notification-options disposition-notification-to
    dkim-signature domainkey-signature errors-to importance in-reply-to keywords list-archive list-help list-id
    list-owner list-post list-subscribe list-unsubscribe list-unsubscribe-post message-context organization
    original-from original-message-id original-recipient original-subject precedence priority references
    return-receipt-to sender solicitation sensitivity thread-index thread-topic user-agent vbr-info"""
SINGLE_HEADERS = FORBIDDEN_HEADERS | frozenset(_ONCE.split())

_HEADER_NAME = re.compile(r"[!-9;-~]{1,126}")
_HEADER_VALUE = re.compile(r"[ -~]{1,995}")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TAG_RULE = "only alphanumeric ASCII characters, '_' and '-' are allowed, 256 at most."

Header = tuple[str, str]


def destination(value: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str], list[str]]:
    """The plain addresses of To, Cc and Bcc."""
    to, cc, bcc = (
        [addresses.parse(text).address for text in value.get(f"{field}Addresses") or ()]
        for field in ("To", "Cc", "Bcc")
    )
    check_recipients(len(to) + len(cc) + len(bcc))
    return to, cc, bcc


def check_recipients(count: int) -> None:
    if not count:
        raise BadRequest("Destination must contain at least one recipient.")
    if count > MAX_RECIPIENTS:
        raise BadRequest(f"Recipient count exceeds {MAX_RECIPIENTS}.")


def headers(values: Iterable[Mapping[str, str]] | None) -> list[Header]:
    """Custom headers, after checks of each header and of the whole list."""
    result = [(header["Name"], header["Value"]) for header in values or ()]
    for name, value in result:
        _check_header(name, value)
    check_header_list(result)
    return result


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise BadRequest(f"Invalid header name: {name!r}")
    if name.lower() in FORBIDDEN_HEADERS:
        raise BadRequest(f"The header '{name}' is not allowed as a custom header.")
    if not _HEADER_VALUE.fullmatch(value):
        raise BadRequest(f"Invalid value of header '{name}'.")
    if len(name) + len(value) > 996:
        raise BadRequest(f"The combined length of name and value of header '{name}' exceeds 996 characters.")


def check_header_list(values: Sequence[Header]) -> None:
    if len(values) > MAX_HEADERS:
        raise BadRequest(f"Header count exceeds {MAX_HEADERS}.")
    check_repeats(name for name, _ in values)


def check_repeats(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        key = name.lower()
        if key in seen and key in SINGLE_HEADERS:
            raise BadRequest(f"Duplicate header '{name}'.")
        seen.add(key)


def merge_headers(default: Sequence[Header], replacement: Sequence[Header]) -> list[Header]:
    """The template's headers and the entry's; an entry's header replaces the template's header of that name."""
    if not replacement:
        return list(default)
    replaced = {name.lower() for name, _ in replacement}
    merged = [header for header in default if header[0].lower() not in replaced] + list(replacement)
    check_header_list(merged)
    return merged


def tags(values: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Message tags by name."""
    result: dict[str, str] = {}
    for tag in values or ():
        name, value = tag["Name"], tag["Value"]
        if not _TAG.fullmatch(name):
            raise BadRequest(f"Invalid tag name <{name}>: {_TAG_RULE}")
        if not _TAG.fullmatch(value):
            raise BadRequest(f"Invalid tag value <{value}>: {_TAG_RULE}")
        if name in result:
            raise BadRequest(f"Duplicate tag name <{name}>.")
        result[name] = value
    check_tag_count(result)
    return result


def check_tag_count(values: Mapping[str, Any]) -> None:
    if len(values) > MAX_TAGS:
        raise BadRequest(f"Tag count exceeds {MAX_TAGS}.")


def check_size(size: int) -> None:
    if size > MAX_MESSAGE_BYTES:
        raise BadRequest(f"Message length is more than {MAX_MESSAGE_BYTES} bytes long: '{size}'.")
