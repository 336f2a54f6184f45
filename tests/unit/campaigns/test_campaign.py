"""The states of a campaign, and its transitions by callers and jobs."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from optout.campaigns.campaign import MOVES, Campaign, Campaigns, Parking, ParkReason, State
from optout.campaigns.ledger import Cursor
from optout.campaigns.transitions import Transition, cancel, park, pause, resume, unpark
from optout.errors import NotFound, Unavailable
from tests.support.fakes import InMemoryCampaigns
from tests.support.samples import CONTENT, campaign

NUMBER = 1_000_000
QUOTA = Parking(ParkReason.QUOTA, "LimitExceededException", 5)

ALLOWED = {
    "stored": "scheduled accepted cancelled",
    "scheduled": "accepted paused cancelled",
    "accepted": "expanding sending paused parked cancelled",
    "expanding": "sending paused parked cancelled",
    "sending": "paused parked cancelled finished",
    "paused": "scheduled accepted expanding sending cancelled",
    "parked": "accepted expanding sending paused cancelled",
    "cancelled": "",
    "finished": "",
}


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_a_state_becomes_only_what_the_table_says(before: State, after: State) -> None:
    assert before.may_become(after) == (after.value in ALLOWED[before.value].split())


def test_only_a_campaign_at_work_sends() -> None:
    assert [state.value for state in State if state.may_send] == ["accepted", "expanding", "sending"]


def test_what_has_ended_never_moves_again() -> None:
    assert [state for state in State if state.has_ended] == [State.CANCELLED, State.FINISHED]
    assert {State.PAUSED, State.PARKED} & {to for moves in MOVES.values() for to in moves}


def stored(state: State, cursor: Cursor | None = None, parking: Parking | None = None) -> InMemoryCampaigns:
    campaigns = InMemoryCampaigns()
    campaigns.create(replace(campaign(), state=state, cursor=cursor, parking=parking), CONTENT)
    return campaigns


STOPPABLE = [State.ACCEPTED, State.EXPANDING, State.SENDING]


@pytest.mark.parametrize(
    ("act", "allowed", "becomes"),
    [
        (pause, [State.SCHEDULED, *STOPPABLE, State.PARKED], State.PAUSED),
        (cancel, [State.STORED, State.SCHEDULED, *STOPPABLE, State.PARKED, State.PAUSED], State.CANCELLED),
        (resume, [State.PAUSED, State.PARKED], State.SENDING),
        (unpark, [State.PARKED], State.SENDING),
        (lambda campaigns, number: park(campaigns, number, QUOTA), STOPPABLE, State.PARKED),
    ],
    ids=["pause", "cancel", "resume", "unpark", "park"],
)
@pytest.mark.parametrize("state", State)
def test_steering_moves_what_may_move_and_leaves_the_rest(
    act: Callable[[Campaigns, int], Transition], allowed: list[State], becomes: State, state: State
) -> None:
    campaigns = stored(state)
    transition = act(campaigns, NUMBER)
    assert transition.changed == (state in allowed)
    assert transition.campaign.state is (becomes if state in allowed else state)
    assert campaigns.get(NUMBER) == transition.campaign


@pytest.mark.parametrize(
    ("cursor", "state"),
    [(Cursor(), State.ACCEPTED), (Cursor(3, "weekly", 9), State.EXPANDING), (None, State.SENDING)],
)
def test_a_resumed_campaign_goes_on_where_its_walk_has_got(cursor: Cursor | None, state: State) -> None:
    assert resume(stored(State.PAUSED, cursor), NUMBER).campaign.state is state


def test_parking_is_kept_while_it_is_parked() -> None:
    campaigns = stored(State.SENDING)
    assert park(campaigns, NUMBER, QUOTA).campaign.parking == QUOTA
    assert unpark(campaigns, NUMBER).campaign.parking is None


def test_a_pause_that_crosses_a_walk_is_tried_again() -> None:
    class Crossed(InMemoryCampaigns):
        crossings = 3

        def move(self, campaign: Campaign, to: State, *more: Any) -> bool:
            self.crossings -= 1
            return self.crossings < 0 and super().move(campaign, to, *more)

    campaigns = Crossed()
    campaigns.create(campaign(), CONTENT)
    assert pause(campaigns, NUMBER).changed
    campaigns.crossings = 1_000
    with pytest.raises(Unavailable):
        cancel(campaigns, NUMBER)


@pytest.mark.parametrize("act", [pause, cancel, resume, unpark])
def test_an_unknown_campaign_is_not_found(act: Callable[[Campaigns, int], Transition]) -> None:
    with pytest.raises(NotFound):
        act(InMemoryCampaigns(), 5)


def test_counters_add_up() -> None:
    counters = {"audience": 10, "sent": 3, "skipped": 2, "skipped_bounced": 2, "failed": 1, "unknown": 1, "bounced": 1}
    found = replace(campaign(), counters=counters)
    assert (found.audience, found.accounted, found.pending) == (10, 7, 3)
