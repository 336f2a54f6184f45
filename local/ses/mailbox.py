"""The local mailbox: the latest delivered mails, one row per recipient."""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from local.ses.message import Message

CAMPAIGN_TAG = "cid"


class Mail(NamedTuple):
    """A message as one recipient got it."""

    message: Message
    recipient: str

    def as_json(self) -> dict[str, Any]:
        message = self.message
        return {
            "to": self.recipient,
            "from": message.sender,
            "subject": message.content.subject,
            "headers": headers(message),
            "text": message.content.text or "",
            "html": message.content.html or "",
            "campaign_id": message.tags.get(CAMPAIGN_TAG),
            "message_id": message.message_id,
            "at": datetime.fromtimestamp(message.at, UTC).isoformat(timespec="microseconds"),
        }


def headers(message: Message) -> dict[str, str]:
    """Headers by their exact names; a repeated one has its values joined, as RFC 9110 would."""
    result: dict[str, str] = {}
    for name, value in message.all_headers:
        result[name] = f"{result[name]}, {value}" if name in result else value
    return result


class MailStore:
    """Keeps the latest mails only; how many were delivered is never forgotten."""

    def __init__(self, limit: int) -> None:
        self._mails: deque[Mail] = deque(maxlen=limit)
        self.delivered = 0

    def add(self, message: Message, recipient: str) -> None:
        self._mails.append(Mail(message, recipient))
        self.delivered += 1

    def resize(self, limit: int) -> None:
        if limit != self._mails.maxlen:
            self._mails = deque(self._mails, maxlen=limit)

    def clear(self) -> None:
        self._mails.clear()

    def __len__(self) -> int:
        return len(self._mails)

    def find(self, message_id: str) -> list[Mail]:
        """The rows of one message."""
        return [mail for mail in self._mails if mail.message.message_id == message_id]

    def oldest_first(self, to: str | None = None, after: float | None = None) -> Iterator[Mail]:
        for mail in self._mails:
            if to is not None and mail.recipient.lower() != to.lower():
                continue
            if after is None or mail.message.at > after:
                yield mail

    def newest(self, skip: int, count: int) -> list[Mail]:
        return list(islice(reversed(self._mails), skip, skip + count))
