"""An accepted message and its content."""

import hashlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Protocol

from local.ses.configuration_sets import ConfigurationSet
from local.ses.limits import Header
from local.ses.templates import Template


class Content(Protocol):
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str | None: ...
    @property
    def html(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class PlainContent:
    subject: str
    text: str | None
    html: str | None


@dataclass(frozen=True, slots=True)
class TemplatedContent:
    """Rendered when read, so that all messages of one bulk call share one copy of the template."""

    subject_template: Template
    text_template: Template | None
    html_template: Template | None
    data: Mapping[str, Any]

    @property
    def subject(self) -> str:
        return self.subject_template.render(self.data)

    @property
    def text(self) -> str | None:
        return self.text_template.render(self.data) if self.text_template else None

    @property
    def html(self) -> str | None:
        return self.html_template.render(self.data) if self.html_template else None


@dataclass(slots=True)
class Message:
    sender: str
    source: str
    to: list[str]
    cc: list[str]
    bcc: list[str]
    to_header: str
    reply_to: list[str]
    headers: list[Header]
    tags: dict[str, str]
    configuration_set: ConfigurationSet | None
    content: Content
    return_path: str = ""
    operation: str = "SendEmail"
    source_ip: str = "127.0.0.1"
    rendering_error: str | None = None
    rejected: bool = False
    sha256: str = ""
    # Rounded to the microseconds that mailbox.json shows, so that ``after`` with that time excludes this message.
    at: float = field(default_factory=lambda: round(time.time(), 6))
    accepted: float = 0.0
    message_id: str = ""
    mail_json: str | None = None

    def __post_init__(self) -> None:
        self.message_id = f"0100{int(self.at * 1000):012x}-{uuid.uuid4()}-000000"

    @property
    def recipients(self) -> list[str]:
        return [*self.to, *self.cc, *self.bcc]

    @property
    def all_headers(self) -> list[Header]:
        """The headers set by SES, then the sender's own."""
        own = [
            ("From", self.sender),
            ("Reply-To", ", ".join(self.reply_to)),
            ("To", self.to_header),
            ("Cc", ", ".join(self.cc)),
            ("Subject", "" if self.rendering_error else self.content.subject),
            ("Date", formatdate(self.at)),
            ("Message-ID", f"<{self.message_id}@email.amazonses.com>"),
            ("MIME-Version", "1.0"),
        ]
        return [header for header in own if header[1]] + self.headers


def digest(subject: str, text: str | None, html: str | None, headers: list[Header], extra: bytes = b"") -> str:
    """SHA-256 of the content, so that the ledger can tell different contents apart without storing them."""
    parts = [subject, text or "", html or "", *(f"{name}: {value}" for name, value in headers)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass") + extra).hexdigest()
