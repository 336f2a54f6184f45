"""Accepting a mailing: is it one, may this caller send it, and what exactly will go out?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from optout import number, selector
from optout.address import Address
from optout.campaign import AT_WORK, Campaign, Campaigns, Doorbell, State
from optout.credential import Credential
from optout.errors import BadAddress, BadSender, Conflict, Invalid, MissingUnsubscribeLink, Problem, Unavailable
from optout.message import UNSUBSCRIBE, compose, mailbox
from optout.scope import MessageClass, newsletter_topic

LARGEST_BODY = 300_000  # bytes
LARGEST_PART = 380_000  # as it is stored: an item of DynamoDB has 400 KB
LARGEST_MAIL = 500_000  # a template of SES, HTML and text together
_ATTEMPTS = 5
_SENDER = re.compile(r'(?:"?(?P<name>[^<>@"\\]*?)"?\s*<(?P<inside>[^<>]+)>|(?P<bare>[^<>]+))')


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to send. ``test`` sends it to the sender's own address and to nobody else."""

    sender: str
    subject: str
    body: str
    query: str = ""
    test: bool = False


def accept(campaigns: Campaigns, expand: Doorbell, credential: Credential, draft: Draft) -> int:
    """Store the campaign durably, ring for its expansion, and answer its number."""
    credential.require("send-mail")
    name, sender = _sender(draft.sender)
    credential.require_sender(sender)
    if UNSUBSCRIBE not in draft.body:
        raise MissingUnsubscribeLink
    query = selector.parse(draft.query).text if draft.query else ""
    content = _content(draft)
    for _ in range(_ATTEMPTS):
        campaign = Campaign(
            number=number.new(),
            workspace=credential.workspace,
            sender=mailbox(name, sender.sendable),
            topic=newsletter_topic(credential.newsletter) if credential.newsletter else None,
            # A test goes to its own author: an opt-out does not stop it, a bounce or a complaint does.
            message_class=MessageClass.TRANSACTIONAL if draft.test else MessageClass.MARKETING,
            only=sender.sendable if draft.test else None,
            query=query,
        )
        try:
            campaigns.create(campaign, content)
        except Conflict:  # the number is taken
            continue
        _ring(campaigns, expand, campaign)
        return campaign.number
    raise Unavailable


def _content(draft: Draft) -> Mapping[str, str]:
    """The templates of the mail; raises `Invalid` when they would be too large to be stored or sent."""
    _require_bytes(len(draft.body.encode()), LARGEST_BODY)
    content = compose(draft.subject, draft.body)
    sizes = [len(part.encode()) for part in content.values()]
    _require_bytes(max(sizes), LARGEST_PART)
    _require_bytes(sum(sizes), LARGEST_MAIL)
    return content


def _require_bytes(size: int, largest: int) -> None:
    if size > largest:
        raise Invalid("body", Problem("body", "too_many_bytes", f"The mail has {size} bytes.", largest))


def _ring(campaigns: Campaigns, expand: Doorbell, campaign: Campaign) -> None:
    """A caller who hears of a failure sends again, so the campaign that was not rung for must never start."""
    try:
        expand.ring([{"campaign": campaign.number, "rung": 0}])
    except Unavailable:
        for state in AT_WORK:  # the bell may have been heard all the same
            if campaigns.move(replace(campaign, state=state), State.CANCELLED):
                break
        raise


def _sender(text: str) -> tuple[str, Address]:
    """``address`` or ``Display Name <address>``, and nothing else."""
    match = _SENDER.fullmatch(text.strip())
    name = (match and match["name"]) or ""
    if match is None or not name.isprintable() or "=?" in name:  # an encoded word can decode to anything
        raise BadSender
    try:
        address = Address.parse(match["inside"] or match["bare"])
    except BadAddress as error:
        raise BadSender from error
    if not address.deliverable:
        raise BadSender
    return name.strip(), address
