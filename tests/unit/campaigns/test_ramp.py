"""The ramp: a first slice, and the next one when most of it has a status and the provider had time to report."""

from dataclasses import replace

import pytest

from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ledger import Chunk
from optout.campaigns.ramp import CANARY, WAIT, Ramp
from tests.support.samples import campaign

NOW = 1_760_000_000_000
HALF = CANARY // 2


@pytest.mark.parametrize(
    ("ramp", "accounted", "now", "step"),
    [
        (Ramp(), 0, NOW, None),
        (Ramp(), HALF - 1, NOW, None),
        (Ramp(), HALF, NOW, Ramp(CANARY, NOW)),
        (Ramp(CANARY, NOW), CANARY, NOW + WAIT - 1, None),
        (Ramp(CANARY, NOW), CANARY, NOW + WAIT, Ramp(8 * CANARY)),
        (Ramp(8 * CANARY), CANARY, NOW + WAIT, None),
        (Ramp(8 * CANARY), 4 * CANARY, NOW, Ramp(8 * CANARY, NOW)),
    ],
)
def test_when_the_next_step_is_taken(ramp: Ramp, accounted: int, now: int, step: Ramp | None) -> None:
    assert ramp.next(accounted, now) == step


def test_a_million_are_let_out_in_four_slices() -> None:
    ramp, slices = Ramp(), 1
    while ramp.released < 500_000:
        ramp, slices = Ramp(ramp.released * 8), slices + 1
    assert slices == 4


def chunk(start: int) -> Chunk:
    return Chunk(start // 250, (), None, start=start)


@pytest.mark.parametrize(
    ("ramp", "start", "may"),
    [(None, 10**6, True), (Ramp(), 0, True), (Ramp(), CANARY - 1, True), (Ramp(), CANARY, False)],
)
def test_a_chunk_is_sent_when_it_begins_within_what_is_released(ramp: Ramp | None, start: int, may: bool) -> None:
    assert replace(campaign(), ramp=ramp).may_mail(chunk(start)) == may


def test_a_stopped_campaign_mails_no_chunk() -> None:
    found: Campaign = replace(campaign(), state=State.PAUSED)
    assert not found.may_mail(chunk(0))
