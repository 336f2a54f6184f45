"""What a mailing would be, before anybody is mailed: how many, who is left out, how it reads, what it costs."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from optout import clock, number
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import CHUNK, Chunk, Recipient
from optout.campaigns.screen import sift
from optout.messages.template import Person, Site, values
from optout.provider.pace import Pace, Slots, pace_of
from optout.subscribers.selector import EVERYBODY, parse
from optout.subscribers.subscriber import Status, Subscriber, Subscribers
from optout.suppressions.suppression import Suppressions

WALKED = 20_000  # subscribers that one preview looks at


SAMPLES = 3


USD_PER_1000 = 0.10  # list price of SES for a thousand mails, without attachments


_TOGETHER = 100


_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail as one recipient would read it."""

    to: str
    subject: str
    html: str
    text: str


@dataclass(slots=True)
class Preview:
    """What was found. Where ``walked`` is less than ``subscribers``, the audience is a part of the whole one."""

    walked: int
    subscribers: int
    audience: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    pace: Pace | None = None
    ends: int | None = None

    @property
    def is_complete(self) -> bool:
        return self.walked >= self.subscribers

    @property
    def mails(self) -> int:
        """Mails that would go out to everybody: counted, or reckoned from the part that was walked."""
        counted = self.audience - self.left_out.total()
        return counted if self.is_complete else round(counted * self.subscribers / max(1, self.walked))

    @property
    def price(self) -> float:
        return round(self.mails * USD_PER_1000 / 1000, 4)


@dataclass(frozen=True, slots=True)
class Previewing:
    """The ports that previewing needs, and the one use case over them. Nothing is written."""

    subscribers: Subscribers
    suppressions: Suppressions
    slots: Slots
    site: Site

    def preview(self, campaign: Campaign, content: Mapping[str, str], here: str = "") -> Preview:
        """Walk the audience as an expansion would, up to a bound, and judge everybody as a delivery would. ``here`` is
        where links lead when the site has no address of its own."""
        site = Site(self.site.name, self.site.url or here)
        found = self._counted(campaign)
        people = self._audience(campaign, found)
        while some := list(islice(people, _TOGETHER)):
            chunk = Chunk(0, some, None, _TOGETHER)
            for block in chunk.blocks():
                outcomes, messages = sift(campaign, chunk, block, self.suppressions)
                found.left_out.update(f"{one.fate.value}_{one.detail}" for one in outcomes.values())
                missing = SAMPLES - len(found.samples)
                found.samples += [_sample(content, message.recipient, site) for message in messages[:missing]]
            found.audience += len(some)
        found.pace = pace_of(self.slots)
        if found.pace:
            start = max(clock.now(), campaign.not_before)
            found.ends = found.pace.forecast(found.mails, campaign.message_class, start)
        return found

    def _counted(self, campaign: Campaign) -> Preview:
        workspace = campaign.workspace
        names = self.subscribers.newsletters(workspace)
        return Preview(0, sum(self.subscribers.newest(workspace, name, 0, 0)[1] for name in names))

    def _audience(self, campaign: Campaign, found: Preview) -> Iterator[Recipient]:
        selector = parse(campaign.query) if campaign.query else EVERYBODY
        met: set[str] = set()
        for subscriber in islice(self._everybody(campaign.workspace), WALKED):
            found.walked += 1
            key = subscriber.address.key_form
            if subscriber.status is Status.ACTIVE and key not in met and selector.matches(subscriber):
                met.add(key)
                yield Recipient(subscriber.number, subscriber.address.sendable, subscriber.name or "")

    def _everybody(self, workspace: str) -> Iterator[Subscriber]:
        for newsletter in self.subscribers.newsletters(workspace):
            after: int | None = 0
            while after is not None:
                page = self.subscribers.page(workspace, newsletter, after, number.LIMIT, CHUNK)
                yield from page.subscribers
                after = page.after


def _sample(content: Mapping[str, str], reader: Recipient, site: Site) -> Sample:
    """As SES would put it together; the link in it is nobody's and does nothing."""
    words = values(content, Person(reader.name, reader.email, f"{site.url}/u/preview"), site)
    subject, html, text = (
        _VARIABLE.sub(lambda match: words[match[1]], content[part]) for part in ("subject", "html", "text")
    )
    return Sample(reader.email, subject, html, text)
