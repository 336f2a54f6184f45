"""Runs over all campaigns: each gets its turn, whatever the others are like."""

from math import inf

from optout.campaigns.campaign import Campaigns
from optout.delivery.visit import visit
from tests.support.samples import campaign, campaigns

EVERY = [campaign(at) for at in range(1, 21)]


def test_every_campaign_is_visited_once() -> None:
    seen: list[int] = []
    visited = visit(campaigns(*EVERY), seen.append, lambda: inf)
    assert sorted(seen) == [one.number for one in EVERY]
    assert (visited.failures, visited.left) == ([], 0)


def test_a_campaign_that_raises_keeps_no_other_from_its_turn() -> None:
    seen: list[int] = []

    def look(number: int) -> None:
        seen.append(number)
        if number % 2:
            raise ValueError(number)

    visited = visit(campaigns(*EVERY), look, lambda: inf)
    assert sorted(seen) == [one.number for one in EVERY]
    assert len(visited.failures) == 10


def test_a_run_ends_before_its_time_and_says_how_many_are_left() -> None:
    seen: list[int] = []
    visited = visit(campaigns(*EVERY), seen.append, lambda: 10.0 - len(seen) + 5)
    assert (len(seen), visited.left) == (6, 14)


def test_runs_that_reach_a_few_each_reach_everybody_together() -> None:
    store = campaigns(*EVERY)
    seen = {number for _ in range(200) for number in three_of(store)}
    assert seen == {one.number for one in EVERY}


def three_of(store: Campaigns) -> list[int]:
    """The campaigns that a run reaches whose time is over after three."""
    reached: list[int] = []
    visit(store, reached.append, lambda: 10.0 if len(reached) < 3 else 0.0)
    return reached
