"""Accepting a mailing: is it one, may this caller send it, and what exactly will go out?"""

import re
from dataclasses import dataclass

from optout import number
from optout.address import Address
from optout.campaign import Campaign, Campaigns, Doorbell
from optout.credential import Credential
from optout.errors import BadAddress, BadSender, Conflict, Invalid, MissingUnsubscribeLink, Problem, Unavailable
from optout.message import UNSUBSCRIBE, compose, mailbox
from optout.scope import MessageClass, newsletter_topic

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
    if draft.query.strip():
        # A wider audience than was asked for would be worse than none.
        raise Invalid("selector", Problem("query", "selector", "query is not supported yet: leave it out"))
    content = compose(draft.subject, draft.body)
    for _ in range(_ATTEMPTS):
        campaign = Campaign(
            number=number.new(),
            workspace=credential.workspace,
            sender=mailbox(name, sender.sendable),
            topic=newsletter_topic(credential.newsletter) if credential.newsletter else None,
            # A test goes to its own author: an opt-out does not stop it, a bounce or a complaint does.
            message_class=MessageClass.TRANSACTIONAL if draft.test else MessageClass.MARKETING,
            only=sender.sendable if draft.test else None,
        )
        try:
            campaigns.create(campaign, content)
        except Conflict:  # the number is taken
            continue
        _ring(campaigns, expand, campaign.number)
        return campaign.number
    raise Unavailable


def _ring(campaigns: Campaigns, expand: Doorbell, campaign: int) -> None:
    """A caller who hears of a failure sends again, so the campaign that was not rung for must never start."""
    try:
        expand.ring([{"campaign": campaign, "rung": 0}])
    except Unavailable:
        campaigns.cancel(campaign)
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
