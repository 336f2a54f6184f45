"""Files of events: what S3 says of a new one, and what is in it, one JSON document after another."""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from pydantic import ValidationError

from feedback.notifications import Notice
from optout.feedback.record import MailTags

_LONGEST = 1 << 20  # no record of Firehose is longer
_SPACE = re.compile(r"\s*")
_NEXT = re.compile(r'\n|(?=\{"eventType")')  # where reading can go on behind what is broken
_decode = json.JSONDecoder().raw_decode


def keys(body: str) -> Iterator[str]:
    """The files that a message of S3 names; the message by which S3 tries the queue out names none."""
    for record in json.loads(body).get("Records", ()):
        yield unquote_plus(record["s3"]["object"]["key"])


def mails(pieces: Iterable[bytes], tell: Callable[[int], None]) -> Iterator[MailTags]:
    """The mail of each event in a file; how many cannot be read is told in the end, if any."""
    unreadable = 0
    for document in documents(pieces):
        try:
            notice = Notice.model_validate(document)
        except ValidationError:
            unreadable += 1
        else:
            yield notice.mail.read_tags()
    if unreadable:
        tell(unreadable)


def documents(pieces: Iterable[bytes]) -> Iterator[Any]:
    """The documents of a file, with or without an end of line between them; None for each that is broken."""
    decoder, text = getincrementaldecoder("utf-8")("replace"), ""
    for piece in pieces:
        text = yield from _complete(text + decoder.decode(piece))
    yield from _complete(text + decoder.decode(b"", True) + "\n")


def _complete(text: str) -> Generator[Any, None, str]:
    """The documents that end in this text; returns what is left of it."""
    at = 0
    while (at := _end_of_space(text, at)) < len(text):
        try:
            document, at = _decode(text, at)
        except (ValueError, RecursionError):
            found = _NEXT.search(text, at + 1)
            if found is None:
                return _rest(text[at:])
            document, at = None, found.end()
        yield document
    return ""


def _end_of_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _rest(text: str) -> str:
    """What may become a document; of what is too long for one, enough to see where the next begins."""
    return text if len(text) < _LONGEST else "!" + text[-16:]
