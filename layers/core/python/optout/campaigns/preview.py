"""Preview a campaign: how many recipients, who is skipped, sample emails, price and duration. Nothing is sent."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice

from optout import clock, number
from optout.campaigns.audience import is_left_to_another
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import CHUNK, Chunk, Recipient
from optout.campaigns.screen import apply_suppressions
from optout.messages.template import Person, Site, values
from optout.provider.send_rate import SendLimiter, SendRate, send_rate_of
from optout.subscribers.expression import Compile
from optout.subscribers.selector import EVERYBODY, parse
from optout.subscribers.subscriber import Status, Subscriber, Subscribers
from optout.suppressions.suppression import Suppressions

WALKED = 20_000  # subscribers that one preview reads
SAMPLES = 3
SHOWN = 64_000  # bytes of each body of a sample
# List prices of SES for a thousand emails, without attachments, by the plan that GetAccount tells. Accounts created
# since 2026-07-21 have Essentials unless they choose another plan.
USD_PER_1000 = {"NONE": 0.10, "ESSENTIALS": 0.16}
_TOGETHER = 100
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Sample:
    """The email of one recipient; ``is_cut`` if a body is longer than `SHOWN`."""

    to: str
    subject: str
    html: str
    text: str
    is_cut: bool


@dataclass(slots=True)
class Preview:
    """The result. If ``walked`` is less than ``subscribers``, ``audience`` is a part of the whole one."""

    walked: int
    subscribers: int
    audience: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    send_rate: SendRate | None = None
    ends: int | None = None

    @property
    def is_complete(self) -> bool:
        return self.walked >= self.subscribers

    @property
    def mails(self) -> int:
        """Emails to the whole audience: counted, or extrapolated from the part that was read."""
        counted = self.audience - self.left_out.total()
        return counted if self.is_complete else round(counted * self.subscribers / max(1, self.walked))

    @property
    def prices(self) -> Mapping[str, float]:
        """The price of the emails in US dollars, under the account's plan. Under all plans if it is not known."""
        known = self.send_rate.account.plan if self.send_rate else ""
        plans = [known] if known in USD_PER_1000 else USD_PER_1000
        return {plan: round(self.mails * USD_PER_1000[plan] / 1000, 4) for plan in plans}


@dataclass(frozen=True, slots=True)
class Previewer:
    """The ports of this use case. Nothing is written."""

    subscribers: Subscribers
    suppressions: Suppressions
    send_limiter: SendLimiter
    site: Site
    compile_pattern: Compile

    def preview(self, campaign: Campaign, content: Mapping[str, str], here: str = "") -> Preview:
        """Walk the audience as an expansion would, up to a bound, and apply the suppressions as a delivery would.
        ``here`` is the base URL of links when the site has none of its own."""
        site = Site(self.site.name, self.site.url or here)
        found = self._counted(campaign)
        for newsletter, people in groupby(self._audience(campaign, found), key=lambda one: one.newsletter):
            recipients = (Recipient(one.number, one.address.sendable, one.name or "") for one in people)
            while some := list(islice(recipients, _TOGETHER)):
                chunk = Chunk(0, some, None, _TOGETHER, newsletter=newsletter)
                for block in chunk.blocks():
                    outcomes, messages = apply_suppressions(campaign, chunk, block, self.suppressions)
                    found.left_out.update(f"{one.status.value}_{one.detail}" for one in outcomes.values())
                    missing = SAMPLES - len(found.samples)
                    found.samples += [_sample(content, message.recipient, site) for message in messages[:missing]]
                found.audience += len(some)
        found.send_rate = send_rate_of(self.send_limiter)
        if found.send_rate:
            start = max(clock.now(), campaign.not_before)
            found.ends = found.send_rate.forecast(found.mails, campaign.message_class, start)
        return found

    def _counted(self, campaign: Campaign) -> Preview:
        workspace = campaign.workspace
        names = self.subscribers.newsletters(workspace)
        return Preview(0, sum(self.subscribers.newest(workspace, name, 0, 0)[1] for name in names))

    def _audience(self, campaign: Campaign, found: Preview) -> Iterator[Subscriber]:
        selector = parse(campaign.query, self.compile_pattern) if campaign.query else EVERYBODY
        walked = list(islice(self._everybody(campaign.workspace), WALKED))
        found.walked = len(walked)
        # The walk itself tells who is in several newsletters: asking for each subscriber would take a read each.
        newsletters: defaultdict[str, list[str]] = defaultdict(list)
        for subscriber in walked:
            newsletters[subscriber.address.key_form].append(subscriber.newsletter)
        several = [one.address for one in walked if len(newsletters[one.address.key_form]) > 1]
        states, met = self.suppressions.states(campaign.workspace, several), set[str]()
        for subscriber in walked:
            key = subscriber.address.key_form
            if subscriber.status is not Status.ACTIVE or key in met or not selector.matches(subscriber):
                continue
            if is_left_to_another(states.__getitem__, subscriber, newsletters[key]):
                continue
            met.add(key)
            yield subscriber

    def _everybody(self, workspace: str) -> Iterator[Subscriber]:
        for newsletter in self.subscribers.newsletters(workspace):
            after: int | None = 0
            while after is not None:
                page = self.subscribers.page(workspace, newsletter, after, number.LIMIT, CHUNK)
                yield from page.subscribers
                after = page.after


def _sample(content: Mapping[str, str], reader: Recipient, site: Site) -> Sample:
    """The email as SES would render it; its unsubscribe link has no effect."""
    words = values(content, Person(reader.name, reader.email, f"{site.url}/u/preview"), site)
    subject, html, text = (
        _VARIABLE.sub(lambda match: words[match[1]], content[part]) for part in ("subject", "html", "text")
    )
    is_cut = any(len(body.encode()) > SHOWN for body in (html, text))
    return Sample(reader.email, subject, _cut(html), _cut(text), is_cut)


def _cut(body: str) -> str:
    return body.encode()[:SHOWN].decode(errors="ignore")
