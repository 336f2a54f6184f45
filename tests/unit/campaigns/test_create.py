"""Having a campaign sent by a program: one request is one campaign, however often and at once it is made."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from optout import clock
from optout.access.credential import Credential
from optout.campaigns import create
from optout.campaigns.campaign import Campaign, Campaigns, IdempotencyKey, State
from optout.campaigns.create import FARTHEST, accept, create_campaign
from optout.campaigns.draft import Draft
from optout.campaigns.transitions import cancel, pause, resume
from optout.campaigns.trial import send_test
from optout.campaigns.wake import Waker
from optout.delivery.expand import Expansion
from optout.delivery.sweep import Sweep
from optout.errors import Conflict, KeyReused, TooManyCampaigns, Unavailable, Unprocessable
from optout.number import earliest
from optout.runtime.pattern import compile_pattern
from tests.support.fakes import InMemoryCampaigns, InMemoryQueue, InMemorySuppressions
from tests.support.fakes.delivery import InMemorySendLimiter
from tests.support.samples import CONTENT, READERS, address, campaign, subscriber, subscribers

CALLER = Credential(
    "hash", "acme", "native", permissions=frozenset({"send-mail"}), newsletter="weekly", senders=("@example.com",)
)
DRAFT = Draft("news@example.com", "Hi", "Hello [name] [unsubscribe]")
NOW = 1_760_000_000_000
HOUR = 3_600_000


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the clock, which stands at NOW."""

    def at(moment: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    at(NOW)
    return at


def test_one_key_is_one_campaign_though_twenty_ask_at_once() -> None:
    campaigns, queue = InMemoryCampaigns(), InMemoryQueue()
    with ThreadPoolExecutor(20) as pool:
        made = list(
            pool.map(lambda _: create_campaign(campaigns, queue, READERS, CALLER, DRAFT, "k").number, range(20))
        )
    assert len(set(made)) == len(campaigns.unended()) == 1


def test_who_loses_the_key_to_another_request_is_told() -> None:
    class Overtaken(InMemoryCampaigns):
        """Another request with the same key comes first."""

        def find_by_key(self, key: str) -> tuple[IdempotencyKey, int] | None:
            known = super().find_by_key(key)
            if known is None:
                super().create(campaign(5), CONTENT, IdempotencyKey(key, "another"))
            return known

    with pytest.raises(KeyReused):
        create_campaign(Overtaken(), InMemoryQueue(), READERS, CALLER, DRAFT, "k")


def test_a_broken_bell_is_rung_again_by_the_same_request_and_nothing_is_cancelled() -> None:
    campaigns, queue = InMemoryCampaigns(), InMemoryQueue()
    queue.broken = True
    with pytest.raises(Unavailable):
        create_campaign(campaigns, queue, READERS, CALLER, DRAFT, "k")
    queue.broken = False
    made = create_campaign(campaigns, queue, READERS, CALLER, DRAFT, "k")
    assert (made.state, queue.sent) == (State.ACCEPTED, [{"campaign": made.number, "first_chunk": 0}])


def test_a_workspace_has_so_many_campaigns_that_have_not_ended_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create, "MOST", 3)
    campaigns, queue = InMemoryCampaigns(), InMemoryQueue()
    made = [create_campaign(campaigns, queue, READERS, CALLER, DRAFT, f"k{at}") for at in range(3)]
    for ask in (create_campaign, accept):
        with pytest.raises(TooManyCampaigns):
            ask(campaigns, queue, READERS, CALLER, DRAFT)
    with pytest.raises(TooManyCampaigns):
        send_test(made[0], campaigns, queue, CALLER, address())
    assert (len(campaigns.unended()), len(queue.sent)) == (3, 3)
    assert create_campaign(campaigns, queue, READERS, CALLER, DRAFT, "k1").number == made[1].number  # it is there
    assert create_campaign(campaigns, queue, READERS, replace(CALLER, workspace="globex"), DRAFT)
    cancel(campaigns, made[0].number)
    sweep(campaigns, queue, NOW)
    assert create_campaign(campaigns, queue, READERS, CALLER, DRAFT)


@pytest.mark.parametrize("at", [0, 1, NOW - 1, NOW, NOW + FARTHEST + 1])
@pytest.mark.usefixtures("now")
def test_a_time_that_has_passed_or_is_too_far_is_refused(at: int) -> None:
    campaigns = InMemoryCampaigns()
    with pytest.raises(Unprocessable):
        create_campaign(campaigns, InMemoryQueue(), READERS, CALLER, replace(DRAFT, not_before=at))
    assert campaigns.unended() == []


@pytest.mark.parametrize(("ahead", "delays"), [(1_500, [1.5]), (900_000, [900.0]), (900_001, []), (FARTHEST, [])])
@pytest.mark.usefixtures("now")
def test_what_is_near_is_rung_for_with_a_delay_and_what_is_far_is_left_to_the_sweeper(
    ahead: int, delays: list[float]
) -> None:
    queue = InMemoryQueue()
    made = create_campaign(InMemoryCampaigns(), queue, READERS, CALLER, replace(DRAFT, not_before=NOW + ahead))
    assert (made.state, queue.delays) == (State.SCHEDULED, delays)


def scheduled(queue: InMemoryQueue) -> tuple[InMemoryCampaigns, Campaign]:
    campaigns = InMemoryCampaigns()
    return campaigns, create_campaign(campaigns, queue, READERS, CALLER, replace(DRAFT, not_before=NOW + HOUR))


def sweep(campaigns: Campaigns, queue: InMemoryQueue, at: int) -> int:
    return Sweep(campaigns, InMemorySendLimiter(), Waker(campaigns, queue, queue)).sweep(at).requeued


@pytest.mark.parametrize(
    ("at", "delays"), [(NOW, []), (NOW + HOUR - 90_000, [90.0]), (NOW + HOUR, [0.0]), (NOW + 9 * HOUR, [0.0])]
)
@pytest.mark.usefixtures("now")
def test_the_sweeper_rings_for_a_scheduled_campaign_when_its_time_comes(at: int, delays: list[float]) -> None:
    queue = InMemoryQueue()
    campaigns, _ = scheduled(queue)
    assert sweep(campaigns, queue, at) == len(delays)
    assert queue.delays == delays


@pytest.mark.parametrize("stopped", [pause, cancel])
@pytest.mark.usefixtures("now")
def test_a_scheduled_campaign_that_was_stopped_is_not_rung_for(stopped: Callable[[Campaigns, int], object]) -> None:
    queue = InMemoryQueue()
    campaigns, made = scheduled(queue)
    stopped(campaigns, made.number)
    sweep(campaigns, queue, NOW + HOUR)
    assert queue.sent == []


def walk(campaigns: Campaigns, number: int) -> list[int]:
    early = subscriber(earliest(NOW - HOUR), "early@example.com")
    joined = subscriber(earliest(NOW + HOUR) - 1, "joined@example.com")
    late = subscriber(earliest(NOW + HOUR), "late@example.com")
    return list(
        Expansion(
            campaigns, subscribers(early, joined, late), InMemorySuppressions(), lambda: 50, compile_pattern
        ).expand(number, 0, lambda: 60.0)
    )


def test_a_bell_that_is_early_starts_nothing_and_who_joins_before_the_time_is_in_the_audience(
    now: Callable[[int], None],
) -> None:
    campaigns, made = scheduled(InMemoryQueue())
    now(NOW + HOUR - 1)
    assert walk(campaigns, made.number) == []
    now(NOW + HOUR)
    assert walk(campaigns, made.number) == [0]
    assert [line.recipient.email for line in campaigns.ledger(made.number)] == [
        "early@example.com",
        "joined@example.com",
    ]


def test_a_paused_schedule_is_taken_up_again_or_made_up_for(now: Callable[[int], None]) -> None:
    campaigns, made = scheduled(InMemoryQueue())
    pause(campaigns, made.number)
    assert resume(campaigns, made.number).campaign.state is State.SCHEDULED
    pause(campaigns, made.number)
    now(NOW + 2 * HOUR)
    assert resume(campaigns, made.number).campaign.state is State.ACCEPTED


class LostAnswers(InMemoryCampaigns):
    """Writes what is asked, but answers `Unavailable`, as a network does that breaks after the commit; and then does
    not answer any more, so that nothing can be taken back either."""

    def create(self, campaign: Campaign, content: Mapping[str, str], request: IdempotencyKey | None = None) -> None:
        super().create(campaign, content, request)
        self.down = True
        raise Unavailable


@pytest.mark.parametrize("draft", [DRAFT, replace(DRAFT, not_before=NOW + HOUR)], ids=["now", "later"])
@pytest.mark.usefixtures("now")
def test_a_request_whose_storing_was_not_confirmed_never_sends_later(draft: Draft) -> None:
    campaigns, queue = LostAnswers(), InMemoryQueue()
    with pytest.raises(Unavailable):
        create_campaign(campaigns, queue, READERS, CALLER, draft)
    campaigns.down = False
    for at in range(NOW, NOW + 48 * HOUR, HOUR // 4):
        sweep(campaigns, queue, at)
    assert queue.sent == []
    (stored,) = campaigns.newest("acme", 2**53, 9)
    assert stored.state is State.CANCELLED


@pytest.mark.usefixtures("now")
def test_a_request_with_a_key_takes_up_the_campaign_whose_storing_was_not_confirmed() -> None:
    campaigns, queue = LostAnswers(), InMemoryQueue()
    with pytest.raises(Unavailable):
        create_campaign(campaigns, queue, READERS, CALLER, DRAFT, "k")
    campaigns.down = False
    made = create_campaign(campaigns, queue, READERS, CALLER, DRAFT, "k")
    assert queue.sent == [{"campaign": made.number, "first_chunk": 0}]
    assert campaigns.get(made.number) == replace(made, state=State.ACCEPTED)


def test_a_message_that_was_accepted_is_enough_to_send() -> None:
    """The write after it did not come to pass, and the request was answered with success all the same."""

    class NotReleased(InMemoryCampaigns):
        def move(self, campaign: Campaign, to: State, *more: Any) -> bool:
            if self.is_silent:
                raise Unavailable
            return super().move(campaign, to, *more)

        is_silent = True

    campaigns, queue = NotReleased(), InMemoryQueue()
    number = accept(campaigns, queue, READERS, CALLER, DRAFT)
    campaigns.is_silent = False
    assert queue.sent == [{"campaign": number, "first_chunk": 0}]
    walk(campaigns, number)
    found = campaigns.get(number)
    assert found
    assert found.state is State.SENDING


def test_a_campaign_that_cannot_be_stored_is_not_reported_as_created() -> None:
    class Taken(InMemoryCampaigns):
        """A store where every number is taken."""

        def create(self, campaign: Campaign, content: Mapping[str, str], request: IdempotencyKey | None = None) -> None:
            raise Conflict

    queue = InMemoryQueue()
    with pytest.raises(Unavailable):
        accept(Taken(), queue, READERS, CALLER, DRAFT)
    assert queue.sent == []
