"""Expanding a campaign: its audience, walked once into chunks.

The cursor moves only after a chunk is stored, and a chunk that is there already is taken as it is, so a crash, a
duplicate or a rival run changes nothing. Subscribers younger than the campaign are not in its audience.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from optout.address import Address
from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import CHUNK, Chunk, Cursor, Recipient
from optout.campaigns.transitions import begin
from optout.subscribers.selector import EVERYBODY, parse
from optout.subscribers.subscriber import Status, Subscriber, Subscribers

_SECONDS_NEEDED = 15.0
_NOBODY = "Test Recipient"  # whom a test mail speaks to when its reader is no subscriber


@dataclass(frozen=True, slots=True)
class Expansion:
    """The ports that expanding needs, and the one use case over them. ``block_size`` follows the send rate."""

    campaigns: Campaigns
    subscribers: Subscribers
    block_size: Callable[[], int]

    def expand(self, number: int, rung: int, seconds_left: Callable[[], float]) -> Iterator[int]:
        """Store the campaign's chunks and yield each index from ``rung`` on, to be rung for after it is stored."""
        campaign = begin(self.campaigns, number)
        if campaign is None or not campaign.state.may_send:
            return
        yield from range(rung, campaign.chunks)
        cursor, met = campaign.cursor, campaign.audience
        while cursor is not None and seconds_left() > _SECONDS_NEEDED:
            chunk = self.campaigns.put_chunk(number, replace(self._chunk(campaign, cursor), start=met))
            if self.campaigns.advance(number, cursor, chunk):
                yield chunk.index
                cursor, met = chunk.next, met + len(chunk.recipients)
                continue
            campaign = self.campaigns.get(number)  # a rival run moved on, or somebody stopped the campaign
            if campaign is None or not campaign.state.may_send:
                return
            yield from range(chunk.index, campaign.chunks)
            cursor, met = campaign.cursor, campaign.audience

    def _chunk(self, campaign: Campaign, cursor: Cursor) -> Chunk:
        block = self.block_size()
        if campaign.only is not None:
            return Chunk(0, (self._test_recipient(campaign.workspace, campaign.only),), None, block)
        newsletters = self.subscribers.newsletters(campaign.workspace)
        if not newsletters:
            return Chunk(cursor.chunk, (), None, block)
        newsletter = cursor.newsletter or newsletters[0]
        limit = CHUNK - CHUNK % block  # whole blocks: a short one in between would crowd its neighbours
        page = self.subscribers.page(campaign.workspace, newsletter, cursor.after, campaign.bound, limit)
        others = [name for name in newsletters if name != newsletter]
        selector = parse(campaign.query) if campaign.query else EVERYBODY
        recipients = tuple(
            Recipient(subscriber.number, subscriber.address.sendable, subscriber.name or "")
            for subscriber in page.subscribers
            if subscriber.status is Status.ACTIVE
            and selector.matches(subscriber)
            and self._is_ours(campaign.number, cursor.chunk, subscriber, others)
        )
        following = next((name for name in newsletters if name > newsletter), None)
        after = None
        if page.after is not None:
            after = Cursor(cursor.chunk + 1, newsletter, page.after)
        elif following is not None:
            after = Cursor(cursor.chunk + 1, following)
        return Chunk(cursor.chunk, recipients, after, block)

    def _is_ours(self, number: int, chunk: int, subscriber: Subscriber, others: list[str]) -> bool:
        """Somebody in several newsletters is mailed by the first chunk that meets them, and by no other."""
        if not others or not self.subscribers.numbers_of(subscriber.workspace, others, subscriber.address):
            return True
        return self.campaigns.take_person(number, chunk, subscriber.address)

    def _test_recipient(self, workspace: str, email: str) -> Recipient:
        subscriber = self.subscribers.for_email(workspace, Address.parse(email))
        if subscriber is None:
            return Recipient(0, email, _NOBODY)
        return Recipient(subscriber.number, email, subscriber.name or "")
