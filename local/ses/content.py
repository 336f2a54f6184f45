"""The three forms of content in a request: Simple, Raw and Template."""

from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from typing import Any

from local.ses import limits, templates
from local.ses.errors import BadRequest, NotFound
from local.ses.limits import Header
from local.ses.message import PlainContent, TemplatedContent
from local.ses.templates import Template

# Set by SES, or taken from the envelope.
_ENVELOPE_HEADERS = frozenset(
    {"from", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "return-path"}
)


@dataclass(frozen=True, slots=True)
class RawMail:
    """A MIME message built by the caller."""

    content: PlainContent
    headers: list[Header]
    sender: str | None
    reply_to: list[str]
    destination: dict[str, list[str]]


def simple(message: Mapping[str, Any]) -> PlainContent:
    body = message["Body"]
    text, html = (body[form]["Data"] if form in body else None for form in ("Text", "Html"))
    if text is None and html is None:
        raise BadRequest("The message body must have at least one of Text and Html.")
    subject = message["Subject"]["Data"]
    if "\n" in subject or "\r" in subject:
        raise BadRequest("Subject must not contain line breaks.")
    return PlainContent(subject, text, html)


def raw(data: bytes) -> RawMail:
    parsed = message_from_bytes(data, policy=default)
    if not parsed.keys():
        raise BadRequest("The raw message has no headers.")
    limits.check_repeats(parsed.keys())
    try:
        destination = {f"{field}Addresses": _addresses(parsed, field) for field in ("To", "Cc", "Bcc")}
        content = PlainContent(str(parsed.get("Subject", "")), _part(parsed, "plain"), _part(parsed, "html"))
    except (MessageError, ValueError, LookupError) as error:
        raise BadRequest("The raw message is malformed.") from error
    headers = [(name, str(value)) for name, value in parsed.items() if name.lower() not in _ENVELOPE_HEADERS]
    return RawMail(content, headers, _sender(parsed), _addresses(parsed, "Reply-To"), destination)


def _sender(parsed: EmailMessage) -> str | None:
    """The From header as written, encoded words included."""
    written = [str(value) for name, value in parsed.raw_items() if name.lower() == "from"]
    return " ".join(written[0].split()) if written else None


def _addresses(parsed: EmailMessage, name: str) -> list[str]:
    return [address for _, address in getaddresses([str(value) for value in parsed.get_all(name, [])]) if address]


def _part(parsed: EmailMessage, form: str) -> str | None:
    part = parsed.get_body((form,))
    return str(part.get_content()) if part is not None else None


def template(value: Mapping[str, Any]) -> TemplatedContent:
    """A template with its default data. Only inline content is supported; a stored template does not exist here."""
    inline = value.get("TemplateContent")
    if inline is None:
        name = value.get("TemplateName") or value.get("TemplateArn")
        if not name:
            raise BadRequest("Template must have one of TemplateName, TemplateArn and TemplateContent.")
        raise NotFound(f"Template <{name}> does not exist.")
    if value.get("TemplateName") or value.get("TemplateArn"):
        raise BadRequest("Template must have only one of TemplateName, TemplateArn and TemplateContent.")
    text, html = (_compiled(inline.get(form)) for form in ("Text", "Html"))
    if not inline.get("Subject") or (text is None and html is None):
        raise BadRequest("TemplateContent must have a Subject and at least one of Text and Html.")
    data = templates.data(value.get("TemplateData"))
    return TemplatedContent(templates.compiled(inline["Subject"]), text, html, data)


def _compiled(text: str | None) -> Template | None:
    return templates.compiled(text) if text else None


def only_form(content: Mapping[str, Any]) -> str:
    forms = [form for form in ("Simple", "Raw", "Template") if content.get(form) is not None]
    if len(forms) != 1:
        raise BadRequest("Content must have exactly one of Simple, Raw and Template.")
    return forms[0]
