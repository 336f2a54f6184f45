"""Event files of Firehose in S3: the notification of a new file, and its content, a sequence of JSON documents."""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from pydantic import ValidationError

from feedback.notifications import Notice
from optout.feedback.record import MailTags

_LONGEST = 1 << 20  # the limit of a Firehose record
_SPACE = re.compile(r"\s*")
_NEXT = re.compile(r'\n|(?=\{"eventType")')  # where parsing can resume after a broken document
_decode = json.JSONDecoder().raw_decode


def keys(body: str) -> Iterator[str]:
    """The keys of the files in an S3 notification; the test message that S3 sends at setup has none."""
    for record in json.loads(body).get("Records", ()):
        yield unquote_plus(record["s3"]["object"]["key"])


def mails(pieces: Iterable[bytes], report_unreadable: Callable[[int], None]) -> Iterator[MailTags]:
    """The tags of the email in each event. At the end, ``report_unreadable`` gets the number of broken ones, if any."""
    unreadable = 0
    for document in documents(pieces):
        try:
            notice = Notice.model_validate(document)
        except ValidationError:
            unreadable += 1
        else:
            yield notice.read_tags()
    if unreadable:
        report_unreadable(unreadable)


def documents(pieces: Iterable[bytes]) -> Iterator[Any]:
    """The documents of a file, with or without line breaks between them; None for each broken one."""
    decoder, text = getincrementaldecoder("utf-8")("replace"), ""
    for piece in pieces:
        text = yield from _complete(text + decoder.decode(piece))
    yield from _complete(text + decoder.decode(b"", True) + "\n")


def _complete(text: str) -> Generator[Any, None, str]:
    """The documents that end in this text; returns the unfinished rest."""
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
    """The start of an unfinished document. If it is too long for one, only its end, to recognize the next start."""
    return text if len(text) < _LONGEST else "!" + text[-16:]
