"""The breaker: too many bounces, complaints or rejections stop a campaign, until a person lets it go on."""

from dataclasses import replace

import pytest

from optout.campaigns.campaign import Parking, ParkReason, State
from optout.campaigns.transitions import park, pause, resume, unpark
from optout.delivery.breaker import check, trip
from tests.support.fakes import InMemoryCampaigns
from tests.support.samples import CONTENT, campaign

NUMBER = campaign().number


@pytest.mark.parametrize(
    ("counters", "reason"),
    [
        ({}, None),
        ({"sent": 1_000, "bounced": 40}, None),
        ({"sent": 1_000, "bounced": 41}, ParkReason.BOUNCES),
        ({"sent": 20, "bounced": 8}, None),  # 4 % of 200
        ({"sent": 20, "bounced": 9}, ParkReason.BOUNCES),
        ({"sent": 100_000, "complained": 80}, None),
        ({"sent": 100_000, "complained": 81}, ParkReason.COMPLAINTS),
        ({"sent": 20, "complained": 2}, None),  # 0.08 % of 2,500
        ({"sent": 20, "complained": 3}, ParkReason.COMPLAINTS),
        ({"sent": 1_000, "bounced": 41, "complained": 41}, ParkReason.BOUNCES),
        ({"sent": 960, "rejected": 40}, None),
        ({"sent": 959, "rejected": 41}, ParkReason.REJECTIONS),
        ({"sent": 0, "rejected": 8}, None),  # 4 % of 200
        ({"sent": 0, "rejected": 9}, ParkReason.REJECTIONS),
    ],
)
def test_more_than_four_in_a_hundred_bounces_or_rejections_or_eight_in_ten_thousand_complaints_are_too_many(
    counters: dict[str, int], reason: ParkReason | None
) -> None:
    parking = check(replace(campaign(), counters=counters))
    assert (parking.reason if parking else None) is reason


def stored(state: State = State.SENDING, **counters: int) -> InMemoryCampaigns:
    store = InMemoryCampaigns()
    store.create(replace(campaign(), state=state, cursor=None), CONTENT)
    count(store, **counters)
    return store


def count(store: InMemoryCampaigns, **counters: int) -> None:
    found = store.get(NUMBER)
    assert found
    store._change(NUMBER, counters={**found.counters, **counters})


def test_a_campaign_that_bounces_is_parked_and_says_why() -> None:
    store = stored(sent=500, bounced=30)
    assert trip(store, store.get(NUMBER))
    found = store.get(NUMBER)
    assert found
    assert (found.state, found.parking) == (State.PARKED, Parking(ParkReason.BOUNCES, "30 of 500 bounced"))


@pytest.mark.parametrize("state", [state for state in State if not state.may_send])
def test_only_a_campaign_at_work_is_stopped(state: State) -> None:
    store = stored(state, sent=500, bounced=30)
    assert not trip(store, store.get(NUMBER))
    found = store.get(NUMBER)
    assert found
    assert found.state is state


def test_what_a_person_has_let_pass_does_not_stop_it_again_but_more_of_it_does() -> None:
    store = stored(sent=500, bounced=30)
    trip(store, store.get(NUMBER))
    count(store, bounced=45)  # of the emails that were already sent
    resume(store, NUMBER)
    assert not trip(store, store.get(NUMBER))
    count(store, sent=700, bounced=53)
    assert not trip(store, store.get(NUMBER))
    count(store, bounced=54)
    assert trip(store, store.get(NUMBER))


@pytest.mark.parametrize(
    "reason", [reason for reason in ParkReason if reason not in ("bounces", "complaints", "rejections")]
)
def test_who_resumes_after_another_stop_excuses_nothing(reason: ParkReason) -> None:
    store = stored(sent=500, bounced=30)
    park(store, NUMBER, Parking(reason))
    (unpark if not reason.waits_for_a_person else resume)(store, NUMBER)
    assert trip(store, store.get(NUMBER))


def test_who_resumes_after_a_pause_excuses_nothing() -> None:
    store = stored(sent=500, bounced=30)
    pause(store, NUMBER)
    resume(store, NUMBER)
    assert trip(store, store.get(NUMBER))
