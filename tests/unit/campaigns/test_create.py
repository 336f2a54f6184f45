"""Having a campaign sent by a program: one request is one campaign, however often and at once it is made."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from optout import clock
from optout.access.credential import Credential
from optout.campaigns.campaign import Campaign, Campaigns, Request, State
from optout.campaigns.create import FARTHEST, commission
from optout.campaigns.draft import Draft
from optout.campaigns.transitions import cancel, pause, resume
from optout.campaigns.wake import Waking
from optout.delivery.expand import Expansion
from optout.delivery.sweep import Sweep
from optout.errors import KeyReused, Unavailable, Unprocessable
from optout.number import earliest
from tests.support.fakes import InMemoryCampaigns, InMemoryDoorbell
from tests.support.fakes.sending import InMemorySlots
from tests.support.samples import CONTENT, campaign, subscriber, subscribers

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
    campaigns, bell = InMemoryCampaigns(), InMemoryDoorbell()
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: commission(campaigns, bell, CALLER, DRAFT, "k").number, range(20)))
    assert len(set(made)) == len(campaigns.unended()) == 1


def test_who_loses_the_key_to_another_request_is_told() -> None:
    class Overtaken(InMemoryCampaigns):
        """Somebody else's request comes first, behind our back."""

        def made_for(self, key: str) -> tuple[Request, int] | None:
            known = super().made_for(key)
            if known is None:
                super().create(campaign(5), CONTENT, Request(key, "another"))
            return known

    with pytest.raises(KeyReused):
        commission(Overtaken(), InMemoryDoorbell(), CALLER, DRAFT, "k")


def test_a_broken_bell_is_rung_again_by_the_same_request_and_nothing_is_cancelled() -> None:
    campaigns, bell = InMemoryCampaigns(), InMemoryDoorbell()
    bell.broken = True
    with pytest.raises(Unavailable):
        commission(campaigns, bell, CALLER, DRAFT, "k")
    bell.broken = False
    made = commission(campaigns, bell, CALLER, DRAFT, "k")
    assert (made.state, bell.rung) == (State.ACCEPTED, [{"campaign": made.number, "rung": 0}])


@pytest.mark.parametrize("at", [1, NOW - 1, NOW, NOW + FARTHEST + 1])
@pytest.mark.usefixtures("now")
def test_a_time_that_has_passed_or_is_too_far_is_refused(at: int) -> None:
    campaigns = InMemoryCampaigns()
    with pytest.raises(Unprocessable):
        commission(campaigns, InMemoryDoorbell(), CALLER, replace(DRAFT, not_before=at))
    assert campaigns.unended() == []


@pytest.mark.parametrize(("ahead", "delays"), [(1_500, [1.5]), (900_000, [900.0]), (900_001, []), (FARTHEST, [])])
@pytest.mark.usefixtures("now")
def test_what_is_near_is_rung_for_with_a_delay_and_what_is_far_is_left_to_the_sweeper(
    ahead: int, delays: list[float]
) -> None:
    bell = InMemoryDoorbell()
    made = commission(InMemoryCampaigns(), bell, CALLER, replace(DRAFT, not_before=NOW + ahead))
    assert (made.state, bell.delays) == (State.SCHEDULED, delays)


def scheduled(bell: InMemoryDoorbell) -> tuple[InMemoryCampaigns, Campaign]:
    campaigns = InMemoryCampaigns()
    return campaigns, commission(campaigns, bell, CALLER, replace(DRAFT, not_before=NOW + HOUR))


def sweep(campaigns: Campaigns, bell: InMemoryDoorbell, at: int) -> int:
    return Sweep(campaigns, InMemorySlots(), Waking(campaigns, bell, bell)).sweep(at).rung


@pytest.mark.parametrize(
    ("at", "delays"), [(NOW, []), (NOW + HOUR - 90_000, [90.0]), (NOW + HOUR, [0.0]), (NOW + 9 * HOUR, [0.0])]
)
@pytest.mark.usefixtures("now")
def test_the_sweeper_rings_for_a_scheduled_campaign_when_its_time_comes(at: int, delays: list[float]) -> None:
    bell = InMemoryDoorbell()
    campaigns, _ = scheduled(bell)
    assert sweep(campaigns, bell, at) == len(delays)
    assert bell.delays == delays


@pytest.mark.parametrize("stopped", [pause, cancel])
@pytest.mark.usefixtures("now")
def test_a_scheduled_campaign_that_was_stopped_is_not_rung_for(stopped: Callable[[Campaigns, int], object]) -> None:
    bell = InMemoryDoorbell()
    campaigns, made = scheduled(bell)
    stopped(campaigns, made.number)
    sweep(campaigns, bell, NOW + HOUR)
    assert bell.rung == []


def walk(campaigns: Campaigns, number: int) -> list[int]:
    early = subscriber(earliest(NOW - HOUR), "early@example.com")
    joined = subscriber(earliest(NOW + HOUR) - 1, "joined@example.com")
    late = subscriber(earliest(NOW + HOUR), "late@example.com")
    return list(Expansion(campaigns, subscribers(early, joined, late), lambda: 50).expand(number, 0, lambda: 60.0))


def test_a_bell_that_is_early_starts_nothing_and_who_joins_before_the_time_is_in_the_audience(
    now: Callable[[int], None],
) -> None:
    campaigns, made = scheduled(InMemoryDoorbell())
    now(NOW + HOUR - 1)
    assert walk(campaigns, made.number) == []
    now(NOW + HOUR)
    assert walk(campaigns, made.number) == [0]
    assert [line.recipient.email for line in campaigns.ledger(made.number)] == [
        "early@example.com",
        "joined@example.com",
    ]


def test_a_paused_schedule_is_taken_up_again_or_made_up_for(now: Callable[[int], None]) -> None:
    campaigns, made = scheduled(InMemoryDoorbell())
    pause(campaigns, made.number)
    assert resume(campaigns, made.number).campaign.state is State.SCHEDULED
    pause(campaigns, made.number)
    now(NOW + 2 * HOUR)
    assert resume(campaigns, made.number).campaign.state is State.ACCEPTED
