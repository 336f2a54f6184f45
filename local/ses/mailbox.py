"""The local mailbox: the latest delivered emails, one row per recipient."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from local.ses.message import Message


class Mail(NamedTuple):
    """A message as delivered to one recipient."""

    message: Message
    recipient: str

    def as_json(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """The row of mailbox.json; ``fields`` maps additional field names to message tags."""
        message = self.message
        return {
            "to": self.recipient,
            "from": message.sender,
            "subject": message.content.subject,
            "headers": headers(message),
            "text": message.content.text or "",
            "html": message.content.html or "",
            **{name: message.tags.get(tag) for name, tag in fields.items()},
            "message_id": message.message_id,
            "at": datetime.fromtimestamp(message.at, UTC).isoformat(timespec="microseconds"),
        }


def headers(message: Message) -> dict[str, str]:
    """Headers by exact name; the values of a repeated header are joined with commas, as RFC 9110 does."""
    result: dict[str, str] = {}
    for name, value in message.all_headers:
        result[name] = f"{result[name]}, {value}" if name in result else value
    return result


class MailStore:
    """Keeps only the latest emails, up to the limit, and counts all that were delivered."""

    def __init__(self, limit: int, fields: Mapping[str, str]) -> None:
        self._mails: deque[Mail] = deque(maxlen=limit)
        self.fields = fields
        self.delivered = 0

    def add(self, message: Message, recipient: str) -> None:
        self._mails.append(Mail(message, recipient))
        self.delivered += 1

    @property
    def limit(self) -> int:
        return self._mails.maxlen or 0

    def resize(self, limit: int) -> None:
        if limit != self.limit:
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
