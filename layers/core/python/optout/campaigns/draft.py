"""Check a draft: its content, its sender, its audience; and plan the campaign it becomes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from optout.access.credential import Credential
from optout.address import CONTROL, Address
from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ramp import Ramp
from optout.campaigns.readers import Readers
from optout.errors import BadAddress, BadSender, Invalid, MissingUnsubscribeLink, Problem
from optout.messages.body import Body
from optout.messages.headers import mailbox
from optout.messages.link_token import LinkScope
from optout.messages.markup import Parse
from optout.messages.placeholder import UNSUBSCRIBE, breaks_link, repair
from optout.messages.template import compose
from optout.scope import MessageClass, newsletter_topic
from optout.subscribers import selector
from optout.subscribers.expression import Compile

TRANSACTIONAL = "transactional"  # the permission to send a campaign that opt-outs do not stop
LARGEST_BODY = 300_000  # bytes


LARGEST_PART = 380_000  # as it is stored: an item of DynamoDB has 400 KB


LARGEST_MAIL = 500_000  # a template of SES, HTML and text together


# One address: `Address.parse` leaves lists, comments and groups in a local part alone, and SES would read them.
_ONE = r"[\w!#$%&'*+/=?^`{|}~.-]+@[\w.-]+"
_NAME = r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<name>[^<>"\\]*?))'
_SENDER = re.compile(rf"(?:{_NAME}\s*<(?P<inside>{_ONE})>|(?P<bare>{_ONE}))")


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign to be created. ``test`` sends it to the sender's own address only; ``text`` is the plain-text part
    (None: made from ``body``); ``newsletter`` selects its subscribers ("": those of all) and ``topic`` is set where it
    is not the newsletter; nothing is sent before ``not_before`` (epoch milliseconds; None: at once)."""

    sender: str
    subject: str
    body: str
    query: str = ""
    test: bool = False
    text: str | None = None
    newsletter: str = ""
    topic: str = ""
    message_class: MessageClass = MessageClass.MARKETING
    not_before: int | None = None


def plan(credential: Credential, draft: Draft, readers: Readers) -> tuple[Campaign, Mapping[str, str]]:
    """The campaign of a draft, without a number, and its content; raises the first error of the draft."""
    credential.require("send-mail")
    if draft.message_class is MessageClass.TRANSACTIONAL:
        credential.require(TRANSACTIONAL)
    name, sender = _sender(draft.sender)
    credential.require_sender(sender)
    written = mailbox(name, sender.sendable)
    if name and written == sender.sendable:  # a name that is too long for SES
        raise BadSender
    content = _content(draft, readers.parse_html)
    newsletter = draft.newsletter or credential.newsletter
    campaign = Campaign(
        number=0,
        workspace=credential.workspace,
        sender=written,
        topic=draft.topic or (newsletter_topic(newsletter) if newsletter else None),
        # An unsubscribe link covers what the email is about; a campaign to all newsletters is about everything.
        link_scope=LinkScope.TOPIC if draft.newsletter or draft.topic else LinkScope.EVERYTHING,
        # A test goes to its author: an opt-out does not stop it, a bounce or a complaint does.
        message_class=MessageClass.TRANSACTIONAL if draft.test else draft.message_class,
        test_recipient=sender.sendable if draft.test else None,
        state=State.ACCEPTED if draft.not_before is None else State.SCHEDULED,
        query=_query(draft, readers.compile_pattern),
        not_before=draft.not_before or 0,
        ramp=None if draft.test else Ramp(),
    )
    return campaign, content


def _query(draft: Draft, compile_pattern: Compile) -> str:
    """The selector of the audience in canonical form; "" selects everyone."""
    query = selector.parse(draft.query, compile_pattern).text if draft.query else ""
    if not draft.newsletter:
        return query
    within = json.dumps({"newsletter": draft.newsletter})
    return selector.parse(f'{{"$and":[{within},{query}]}}' if query else within, compile_pattern).text


def _content(draft: Draft, parse: Parse) -> Mapping[str, str]:
    """The templates of the email. Raises `MissingUnsubscribeLink` when a reader of a part does not find the link, and
    `Invalid` when the parts are too large to be stored or sent."""
    _require_bytes(len(draft.body.encode()), LARGEST_BODY)
    body, text = Body(parse, repair(draft.body)), draft.text and repair(draft.text)
    if not body.shows_link or body.breaks_link or (text is not None and (UNSUBSCRIBE not in text or breaks_link(text))):
        raise MissingUnsubscribeLink
    content = compose(draft.subject, body, text)
    sizes = [len(part.encode()) for part in content.values()]
    _require_bytes(max(sizes), LARGEST_PART)
    _require_bytes(sum(sizes), LARGEST_MAIL)
    return content


def _require_bytes(size: int, largest: int) -> None:
    if size > largest:
        raise Invalid("body", Problem("body", "too_many_bytes", f"The email has {size} bytes.", largest))


def _sender(text: str) -> tuple[str, Address]:
    """Parse ``address`` or ``Display Name <address>``."""
    match = _SENDER.fullmatch(text.strip())
    if match is None or CONTROL.search(text) or "=?" in text:  # an encoded word can decode to anything
        raise BadSender
    phrase = match["name"] or ""
    if "@" in phrase and set(phrase) & set(",;:"):  # a list or a group of addresses
        raise BadSender
    name = re.sub(r"\\(.)", r"\1", match["quoted"] or "") or phrase
    try:
        address = Address.parse(match["inside"] or match["bare"])
    except BadAddress as error:
        raise BadSender from error
    if not address.deliverable:
        raise BadSender
    return name.strip(), address
