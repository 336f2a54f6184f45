"""Expand a campaign: walk its audience once and store it in chunks.

The cursor moves only after a chunk is stored, and an existing chunk is taken as it is. So a crash, a duplicate or a
concurrent run changes nothing. Subscribers younger than the campaign are not in its audience.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from optout.address import Address
from optout.campaigns.audience import is_left_to_another, other_newsletters
from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import CHUNK, Chunk, Cursor, Recipient
from optout.campaigns.transitions import begin
from optout.subscribers.expression import Compile
from optout.subscribers.selector import EVERYBODY, parse
from optout.subscribers.subscriber import Status, Subscriber, Subscribers
from optout.suppressions.suppression import Suppressions

_SECONDS_NEEDED = 15.0
_AT_ONCE = 8  # people of a chunk that are asked for at once; each costs up to three calls, one after the other
_NO_NAME = "Test Recipient"  # in a test email to an address that is not subscribed


@dataclass(frozen=True, slots=True)
class Expansion:
    """The ports of this use case. ``block_size`` follows the send rate."""

    campaigns: Campaigns
    subscribers: Subscribers
    suppressions: Suppressions
    block_size: Callable[[], int]
    compile_pattern: Compile

    def expand(self, number: int, first_chunk: int, seconds_left: Callable[[], float]) -> Iterator[int]:
        """Store the campaign's chunks. Yields each index from ``first_chunk`` on, to be enqueued after it is stored."""
        campaign = begin(self.campaigns, number)
        if campaign is None or not campaign.state.may_send:
            return
        yield from range(first_chunk, campaign.chunks)
        cursor, met = campaign.cursor, campaign.audience
        while cursor is not None and seconds_left() > _SECONDS_NEEDED:
            chunk = self.campaigns.put_chunk(number, replace(self._chunk(campaign, cursor), start=met))
            if self.campaigns.advance(number, cursor, chunk):
                yield chunk.index
                cursor, met = chunk.next, met + len(chunk.recipients)
                continue
            campaign = self.campaigns.get(number)  # a concurrent run advanced, or the campaign was stopped
            if campaign is None or not campaign.state.may_send:
                return
            yield from range(chunk.index, campaign.chunks)
            cursor, met = campaign.cursor, campaign.audience

    def _chunk(self, campaign: Campaign, cursor: Cursor) -> Chunk:
        block = self.block_size()
        if campaign.test_recipient is not None:
            return Chunk(0, (self._test_recipient(campaign.workspace, campaign.test_recipient),), None, block)
        newsletters = self.subscribers.newsletters(campaign.workspace)
        if not newsletters:
            return Chunk(cursor.chunk, (), None, block)
        newsletter = cursor.newsletter or newsletters[0]
        limit = CHUNK - CHUNK % block  # whole blocks: a short one in between would waste slots
        page = self.subscribers.page(campaign.workspace, newsletter, cursor.after, campaign.bound, limit)
        selector = parse(campaign.query, self.compile_pattern) if campaign.query else EVERYBODY
        wanted = [one for one in page.subscribers if one.status is Status.ACTIVE and selector.matches(one)]
        recipients = tuple(
            Recipient(subscriber.number, subscriber.address.sendable, subscriber.name or "")
            for subscriber in self._belonging(campaign.number, wanted, newsletters)
        )
        following = next((name for name in newsletters if name > newsletter), None)
        after = None
        if page.after is not None:
            after = Cursor(cursor.chunk + 1, newsletter, page.after)
        elif following is not None:
            after = Cursor(cursor.chunk + 1, following)
        return Chunk(cursor.chunk, recipients, after, block, newsletter=newsletter)

    def _belonging(self, number: int, people: Sequence[Subscriber], newsletters: Sequence[str]) -> Sequence[Subscriber]:
        """Those who are mailed through this newsletter."""
        if len(newsletters) == 1:
            return people
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            belongs = pool.map(partial(self._belongs_here, number, newsletters), people)
            return [subscriber for subscriber, here in zip(people, belongs, strict=True) if here]

    def _belongs_here(self, number: int, newsletters: Sequence[str], subscriber: Subscriber) -> bool:
        """A person in several newsletters is mailed through the first that they have not left, and through no other.
        Who takes the person is the subscription, not the chunk: a repeated run may cut the chunks otherwise. Everyone
        is taken, because a subscription that was walked may have given up the address since."""
        others = other_newsletters(self.subscribers, subscriber, newsletters)
        if is_left_to_another(partial(self.suppressions.state, subscriber.workspace), subscriber, others):
            return False
        return self.campaigns.take_person(number, subscriber.number, subscriber.address)

    def _test_recipient(self, workspace: str, email: str) -> Recipient:
        subscriber = self.subscribers.for_email(workspace, Address.parse(email))
        if subscriber is None:
            return Recipient(0, email, _NO_NAME)
        return Recipient(subscriber.number, email, subscriber.name or "")
