"""Delivering when something fails: nothing is sent twice, nothing is sent unchecked, nobody is forgotten."""

from collections.abc import Mapping, Sequence

import pytest

from optout.campaign import PARTS, Block, Fate, Outcome
from optout.delivery import Message
from optout.errors import InDoubt, NotSent, Unavailable
from optout.suppression import Reason
from tests.fakes import InMemorySlots, RecordingSender
from tests.fakes.sending import all_sent, sent_after
from tests.unit.delivering import Worker
from tests.unit.samples import stop


def first_again(messages: Sequence[Message]) -> Mapping[int, Outcome]:
    """The first entry was surely not sent, the others were."""
    return {**all_sent(messages), messages[0].position: Outcome(Fate.AGAIN, "TRANSIENT_FAILURE")}


def test_a_lost_answer_leaves_the_block_in_doubt_and_is_never_sent_again() -> None:
    worker = Worker(sender=RecordingSender(InDoubt()))
    report = worker.deliver()
    assert (report.doubtful, report.sent, report.campaign_finished) == (1, 3, False)
    for _ in range(3):
        worker.deliver()
    assert len(worker.sender.calls) == 3
    assert worker.fates == [None, None, "sent", "sent", "sent"]


def test_a_refused_block_gives_its_claim_back() -> None:
    worker = Worker(sender=RecordingSender(NotSent("TooManyRequestsException")))
    with pytest.raises(NotSent):
        worker.deliver()
    assert worker.sender.mailed == []
    assert worker.deliver().campaign_finished
    assert worker.sender.mailed == list(worker.emails)


def test_without_a_send_slot_nothing_is_sent_and_nothing_is_lost() -> None:
    def far_off() -> None:
        raise NotSent("NoSendSlot")

    worker = Worker(slots=InMemorySlots(before=far_off))
    with pytest.raises(NotSent):
        worker.deliver()
    assert worker.sender.calls == []
    worker.slots = InMemorySlots()
    assert worker.deliver().sent == 5


def test_entries_that_were_surely_not_sent_go_to_a_follow_up_block() -> None:
    worker = Worker(people=2, sender=RecordingSender(first_again))
    report = worker.deliver()
    assert worker.sender.calls == [("p0@example.com", "p1@example.com"), ("p0@example.com",)]
    assert [block.id for block in worker.sender.blocks] == ["0-0-0", "0-0-1"]
    assert (report.sent, worker.fates) == (2, ["sent", "sent"])
    assert worker.counters == {"audience": 2, "sent": 2}


def test_a_follow_up_that_a_crash_left_undone_is_found_by_the_next_delivery() -> None:
    worker = Worker(people=2, sender=RecordingSender(first_again, NotSent("TooManyRequestsException")))
    with pytest.raises(NotSent):
        worker.deliver()
    assert worker.fates == ["again", "sent"]
    assert worker.deliver().campaign_finished
    assert worker.sender.mailed == ["p1@example.com", "p0@example.com"]


def test_a_follow_up_in_doubt_is_never_sent_again() -> None:
    worker = Worker(people=2, sender=RecordingSender(first_again, InDoubt()))
    worker.deliver()
    worker.deliver()
    assert len(worker.sender.calls) == 2


def test_an_opt_out_before_a_follow_up_is_honoured() -> None:
    def opt_out(messages: Sequence[Message]) -> Mapping[int, Outcome]:
        stop(worker.suppressions, "p0@example.com", reason=Reason.ONE_CLICK)
        return first_again(messages)

    worker = Worker(people=2, sender=RecordingSender(opt_out))
    worker.deliver()
    assert worker.fates == ["skipped", "sent"]


def test_what_is_never_accepted_counts_as_failed_at_last() -> None:
    worker = Worker(people=2, sender=RecordingSender(*[first_again] * PARTS))
    report = worker.deliver()
    assert len(worker.sender.calls) == PARTS
    assert (report.failed, report.campaign_finished) == (1, True)
    assert worker.fates == ["failed", "sent"]
    assert worker.ledger[0].detail == "TRANSIENT_FAILURE"


def test_a_silent_suppression_list_sends_nothing_and_gives_the_claim_back() -> None:
    worker = Worker()
    worker.suppressions.down = True
    with pytest.raises(Unavailable):
        worker.deliver()
    assert worker.sender.calls == []
    worker.suppressions.down = False
    assert worker.deliver().sent == 5


def test_a_silent_campaign_store_sends_nothing() -> None:
    worker = Worker()
    worker.campaigns.down = True
    with pytest.raises(Unavailable):
        worker.deliver()
    assert worker.sender.calls == []


def test_a_crash_before_the_settle_is_not_sent_again() -> None:
    def crash() -> None:
        worker.campaigns.down = True

    worker = Worker(people=2, sender=RecordingSender(sent_after(crash)))
    with pytest.raises(Unavailable):
        worker.deliver()
    worker.campaigns.down = False
    assert not worker.deliver().campaign_finished
    assert worker.sender.mailed == list(worker.emails)
    assert worker.fates == [None, None]


def test_an_answer_that_comes_late_settles_the_block_once() -> None:
    worker = Worker(people=2, sender=RecordingSender(InDoubt()))
    worker.deliver()
    late = {0: Outcome(Fate.SENT, "a"), 1: Outcome(Fate.SENT, "b")}
    block = Block(0, 0, 0, (0, 1))
    assert [worker.campaigns.settle(worker.number, block, late) for _ in range(2)] == [True, False]
    assert worker.deliver().campaign_finished
    assert worker.counters == {"audience": 2, "sent": 2}
