"""Sample objects for tests."""

from collections.abc import Sequence

from optout import number
from optout.address import Address
from optout.campaigns.campaign import Campaign
from optout.campaigns.readers import Readers
from optout.messages.link_token import LinkScope
from optout.origin import Origin
from optout.runtime.html import parse_html
from optout.runtime.pattern import compile_pattern
from optout.scope import EVERYTHING, MessageClass, Scope
from optout.subscribers.subscriber import Status, Subscriber
from optout.suppressions.reason import Reason
from optout.suppressions.state import InForce, Stated
from optout.suppressions.suppress import Suppressed, suppress
from optout.suppressions.suppression import Suppressions
from tests.support.fakes import InMemoryCampaigns, InMemorySubscribers

WORKSPACE = "acme"
ORIGIN = Origin("command", "tests")
READERS = Readers(parse_html, compile_pattern)
CONTENT = {"subject": "Hello", "html": "Hello [unsubscribe]", "text": "Hello"}


def address(text: str = "ada@example.com") -> Address:
    return Address.parse(text)


def stop(
    suppressions: Suppressions,
    email: str = "ada@example.com",
    scope: Scope = EVERYTHING,
    reason: Reason = Reason.UNSUBSCRIBED,
    *,
    repeat: bool = False,
    why: str = "",
) -> Suppressed:
    """Suppress an address, with defaults for the rest."""
    return suppress(suppressions, WORKSPACE, address(email), scope, reason, ORIGIN, repeat=repeat, why=why)


def subscriber(
    at: int, email: str, newsletter: str = "weekly", status: Status = Status.ACTIVE, name: str = "Ada"
) -> Subscriber:
    return Subscriber(WORKSPACE, newsletter, at, address(email), name, status, number.milliseconds(at))


def subscribers(*rows: Subscriber) -> InMemorySubscribers:
    store = InMemorySubscribers()
    for row in rows:
        store.add(row)
    return store


def people(count: int, newsletter: str = "weekly") -> Sequence[Subscriber]:
    return [subscriber(at, f"p{at}@example.com", newsletter) for at in range(1, count + 1)]


def campaign(
    at: int = 1_000_000,
    topic: str | None = "newsletter:weekly",
    message_class: MessageClass = MessageClass.MARKETING,
    test_recipient: str | None = None,
    link_scope: LinkScope = LinkScope.EVERYTHING,
) -> Campaign:
    return Campaign(at, WORKSPACE, "news@example.com", topic, message_class, link_scope, test_recipient)


def campaigns(*stored: Campaign) -> InMemoryCampaigns:
    store = InMemoryCampaigns()
    for one in stored or (campaign(),):
        store.create(one, CONTENT)
    return store


def plenty() -> float:
    """All the time in the world."""
    return 900.0


def in_force(number: int, reason: Reason, since: int) -> InForce:
    """A scope in force for one reason."""
    return InForce(number, since, {reason: Stated(since, since)})
