"""SES as the sender: one SendBulkEmail per block, exactly one attempt, every answer classified once.

A retry could be a second email, because SES v2 has no client token. So the client that sends never retries, and an
answer that may hide an accepted call is `InDoubt`, never an error to retry.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optout.aws.ses import Unacceptable, classify_errors
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import Block, DeliveryStatus, Outcome
from optout.campaigns.links import Links
from optout.campaigns.screen import Message
from optout.errors import NotSent
from optout.messages.headers import ONE_CLICK, list_id, list_unsubscribe, mailbox
from optout.messages.template import Person, Site, values
from optout.provider.refusal import KNOWN

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import BulkEmailEntryTypeDef, MessageHeaderTypeDef, TemplateTypeDef

    _Entries = Mapping[int, BulkEmailEntryTypeDef]  # by position in the chunk


@dataclass(frozen=True, slots=True)
class SESSender:
    """The `Sender` port. ``one_shot`` never retries a call."""

    one_shot: "SESV2Client"
    configuration_set: str
    links: Links
    site: Site

    def send(
        self, campaign: Campaign, content: Mapping[str, str], block: Block, messages: Sequence[Message]
    ) -> Mapping[int, Outcome]:
        # Everything that can fail on our side does so here, before the first call.
        entries = {message.position: self._entry(campaign, content, block, message) for message in messages}
        return self._send(campaign, content, entries)

    def _send(self, campaign: Campaign, content: Mapping[str, str], entries: "_Entries") -> Mapping[int, Outcome]:
        try:
            with classify_errors(campaign.sender):
                statuses = self._call(campaign, content, list(entries.values()))
        except Unacceptable as refused:
            return self._narrow_down(campaign, content, entries, refused.code)
        if all(status in KNOWN for status, _ in statuses):
            raise NotSent(statuses[0][0])
        return {position: _outcome(*status) for position, status in zip(entries, statuses, strict=True)}

    def _narrow_down(
        self, campaign: Campaign, content: Mapping[str, str], entries: "_Entries", code: str
    ) -> Mapping[int, Outcome]:
        """SES refused the whole call, so nothing was sent; halving finds the entry that it does not accept."""
        positions = list(entries)
        if len(positions) == 1:
            return {positions[0]: Outcome(DeliveryStatus.FAILED, code)}
        middle = len(positions) // 2
        outcomes: dict[int, Outcome] = {}
        for half in (positions[:middle], positions[middle:]):
            try:
                outcomes |= self._send(campaign, content, {position: entries[position] for position in half})
            except NotSent as refusal:  # of this half; the other half may have been sent
                outcomes |= {position: Outcome(DeliveryStatus.RETRY, refusal.cause) for position in half}
        return outcomes

    def _call(
        self, campaign: Campaign, content: Mapping[str, str], entries: "Sequence[BulkEmailEntryTypeDef]"
    ) -> list[tuple[str, str]]:
        domain = campaign.sender.rpartition("@")[2].rstrip(">")
        template: TemplateTypeDef = {
            "TemplateContent": {"Subject": content["subject"], "Html": content["html"], "Text": content["text"]},
            "TemplateData": "{}",
            # Headers of the template reach every entry that does not replace them.
            "Headers": [_header(list_id(campaign.topic, campaign.workspace, domain)), _header(ONE_CLICK)],
        }
        answer = self.one_shot.send_bulk_email(
            FromEmailAddress=campaign.sender,
            DefaultContent={"Template": template},
            BulkEmailEntries=entries,
            ConfigurationSetName=self.configuration_set,
        )
        return [
            (entry.get("Status", "FAILED"), entry.get("MessageId", "")) for entry in answer["BulkEmailEntryResults"]
        ]

    def _entry(
        self, campaign: Campaign, content: Mapping[str, str], block: Block, message: Message
    ) -> "BulkEmailEntryTypeDef":
        recipient = message.recipient
        unsubscribe_url = self.links.address(self.links.token(campaign, recipient))
        person = Person(recipient.name, recipient.email, unsubscribe_url)
        data = json.dumps(values(content, person, self.site), ensure_ascii=False, separators=(",", ":"))
        tags = {
            "ws": campaign.workspace,
            "cid": str(campaign.number),
            "blk": block.id,
            "idx": str(message.position),
        }
        return {
            "Destination": {"ToAddresses": [mailbox(recipient.name, recipient.email)]},
            "ReplacementTags": [{"Name": name, "Value": value} for name, value in tags.items()],
            "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
            "ReplacementHeaders": [_header(list_unsubscribe(unsubscribe_url))],
        }


def _header(pair: tuple[str, str]) -> "MessageHeaderTypeDef":
    return {"Name": pair[0], "Value": pair[1]}


def _outcome(status: str, message_id: str) -> Outcome:
    if status == "SUCCESS":
        return Outcome(DeliveryStatus.SENT, message_id)
    return Outcome(DeliveryStatus.RETRY if status in KNOWN else DeliveryStatus.FAILED, status)
