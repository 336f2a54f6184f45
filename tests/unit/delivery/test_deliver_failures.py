"""Delivering when something fails: nothing is sent twice or unchecked, and no recipient is forgotten."""

import time
from collections.abc import Mapping, Sequence

import pytest

from optout import clock
from optout.campaigns.campaign import Parking, ParkReason, State
from optout.campaigns.ledger import PARTS, Block, DeliveryStatus, Outcome
from optout.campaigns.screen import Message
from optout.errors import InDoubt, NotSent, Unavailable
from optout.provider.refusal import NO_SLOT, QUOTA_SPENT
from optout.suppressions.reason import Reason
from tests.support.fakes import InMemorySendLimiter, RecordingSender
from tests.support.fakes.delivery import Answer, all_sent, sent_after
from tests.support.samples import stop
from tests.support.worker import Worker


def first_again(messages: Sequence[Message]) -> Mapping[int, Outcome]:
    """The first entry was surely not sent, the others were."""
    return {**all_sent(messages), messages[0].position: Outcome(DeliveryStatus.RETRY, "TRANSIENT_FAILURE")}


def test_a_lost_answer_leaves_the_block_in_doubt_and_is_never_sent_again() -> None:
    worker = Worker(sender=RecordingSender(InDoubt()))
    report = worker.deliver()
    assert (report.doubtful, report.sent, report.campaign_finished) == (1, 3, False)
    for _ in range(3):
        worker.deliver()
    assert len(worker.sender.calls) == 3
    assert worker.statuses == [None, None, "sent", "sent", "sent"]


THROTTLED = NotSent("TooManyRequestsException", "Maximum sending rate exceeded.")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def test_a_throttled_block_goes_out_later_in_the_same_run_and_everybody_slows_down() -> None:
    worker = Worker(sender=RecordingSender(THROTTLED, THROTTLED))
    report = worker.deliver()
    assert (report.campaign_finished, report.throttled, report.retry_in) == (True, 2, None)
    assert worker.send_limiter.slowed == 2
    assert worker.sender.mailed == list(worker.emails)


def test_a_throttle_that_does_not_end_rings_later_and_keeps_no_claim() -> None:
    worker = Worker(sender=RecordingSender(*[THROTTLED] * 5))
    report = worker.deliver()
    assert report.retry_in
    assert (report.retry_in > 0, report.parking, worker.state) == (True, None, State.SENDING)
    assert worker.campaigns.rows(worker.number, 0) == []
    assert worker.deliver().campaign_finished
    assert worker.sender.mailed == list(worker.emails)


def test_without_a_send_slot_in_reach_it_rings_when_there_is_one() -> None:
    worker = Worker(send_limiter=InMemorySendLimiter(refusal=NotSent(NO_SLOT, wait=7.5)))
    report = worker.deliver()
    assert worker.sender.calls == []
    assert report.retry_in
    assert 7.5 <= report.retry_in <= 13
    worker.send_limiter = InMemorySendLimiter()
    assert worker.deliver().sent == 5


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (NotSent("LimitExceededException", "Daily message quota exceeded."), ParkReason.QUOTA),
        (NotSent("ThrottlingException", "Daily message quota exceeded."), ParkReason.QUOTA),
        (NotSent("SendingPausedException", "paused"), ParkReason.PROVIDER_PAUSED),
        (NotSent("AccountSuspendedException", "suspended"), ParkReason.PROVIDER_PAUSED),
        (NotSent("MailFromDomainNotVerifiedException", "x"), ParkReason.CONFIG),
        (NotSent("NotFoundException", "Configuration set <events> does not exist."), ParkReason.CONFIG),
        (NotSent("MessageRejected", "Email address is not verified."), ParkReason.CONFIG),
    ],
    ids=str,
)
def test_a_provider_that_takes_nothing_parks_the_campaign_and_keeps_no_claim(
    refusal: NotSent, reason: ParkReason
) -> None:
    worker = Worker(sender=RecordingSender(refusal))
    report = worker.deliver()
    assert report.parking
    assert (report.parking.reason, report.parking.cause, report.retry_in) == (reason, refusal.cause, None)
    assert worker.state is State.PARKED
    assert worker.campaigns.rows(worker.number, 0) == []
    assert worker.counters == {"audience": 5}


def test_a_paused_provider_stops_everybody_and_a_wrong_setting_nobody_else() -> None:
    paused = Worker(sender=RecordingSender(NotSent("SendingPausedException")))
    paused.deliver()
    assert paused.send_limiter.paused_until > clock.now()
    wrong = Worker(sender=RecordingSender(NotSent("NotFoundException")))
    wrong.deliver()
    assert wrong.send_limiter.paused_until == 0


def test_a_spent_quota_parks_with_a_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: 1_000_000)
    worker = Worker()
    worker.send_limiter.leasing = NotSent(QUOTA_SPENT)
    report = worker.deliver()
    assert report.parking == Parking(ParkReason.QUOTA, QUOTA_SPENT, worker.send_limiter.state.quota_returns(1_000_000))
    found = worker.campaigns.get(worker.number)
    assert found
    assert found.parking == report.parking


def test_a_call_that_was_never_made_rings_later_and_is_made_then() -> None:
    worker = Worker(sender=RecordingSender(NotSent("ConnectTimeoutError")))
    assert worker.deliver().retry_in
    assert worker.deliver().sent == 5


def test_entries_that_were_surely_not_sent_go_to_a_follow_up_block() -> None:
    worker = Worker(people=2, sender=RecordingSender(first_again))
    report = worker.deliver()
    assert worker.sender.calls == [("p0@example.com", "p1@example.com"), ("p0@example.com",)]
    assert [block.id for block in worker.sender.blocks] == ["0-0-0", "0-0-1"]
    assert (report.sent, worker.statuses) == (2, ["sent", "sent"])
    assert worker.counters == {"audience": 2, "sent": 2}


def test_a_follow_up_that_a_crash_left_undone_is_found_by_the_next_delivery() -> None:
    worker = Worker(people=2, sender=RecordingSender(first_again, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        worker.deliver()
    worker.campaigns.release(worker.number, Block(0, 0, 1, (0,)), "2")
    assert worker.statuses == [None, "sent"]
    assert worker.deliver().campaign_finished
    assert worker.sender.mailed == ["p1@example.com", "p0@example.com"]


def test_a_follow_up_in_doubt_is_never_sent_again_and_has_no_fate() -> None:
    worker = Worker(people=2, sender=RecordingSender(first_again, InDoubt()))
    worker.deliver()
    worker.deliver()
    assert len(worker.sender.calls) == 2
    assert worker.statuses == [None, "sent"]


def test_a_block_in_doubt_is_noted_for_the_reconciler() -> None:
    worker = Worker(sender=RecordingSender(InDoubt()))
    worker.deliver()
    assert [doubt.chunk for doubt in worker.campaigns.doubts(worker.number)] == [0]


def test_a_run_that_meets_what_a_killed_worker_left_notes_it() -> None:
    worker = Worker(sender=RecordingSender(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        worker.deliver()
    assert worker.campaigns.doubts(worker.number) == []
    assert worker.deliver().doubtful == 1
    assert [doubt.chunk for doubt in worker.campaigns.doubts(worker.number)] == [0]
    assert worker.statuses == [None, None, "sent", "sent", "sent"]


def test_a_chunk_is_open_until_everybody_in_it_has_a_fate() -> None:
    worker = Worker(sender=RecordingSender(InDoubt()))
    worker.deliver()
    assert worker.campaigns.open_chunks(worker.number, 10) == [0]
    worker.campaigns.settle(
        worker.number, Block(0, 0, 0, (0, 1)), {at: Outcome(DeliveryStatus.SENT, "x") for at in (0, 1)}
    )
    worker.deliver()
    assert worker.campaigns.open_chunks(worker.number, 10) == []


def test_an_opt_out_before_a_follow_up_is_honoured() -> None:
    def opt_out(messages: Sequence[Message]) -> Mapping[int, Outcome]:
        stop(worker.suppressions, "p0@example.com", reason=Reason.ONE_CLICK)
        return first_again(messages)

    worker = Worker(people=2, sender=RecordingSender(opt_out))
    worker.deliver()
    assert worker.statuses == ["skipped", "sent"]


def test_what_is_never_accepted_counts_as_failed_at_last() -> None:
    worker = Worker(people=2, sender=RecordingSender(*[first_again] * PARTS))
    reports = [worker.deliver() for _ in range(PARTS // 4)]
    assert len(worker.sender.calls) == PARTS
    assert [report.retry_in for report in reports] == [30, 30, 30, 30, None]
    assert (reports[-1].failed, reports[-1].campaign_finished) == (1, True)
    assert worker.statuses == ["failed", "sent"]
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
    assert worker.statuses == [None, None]


def test_an_answer_that_comes_late_settles_the_block_once() -> None:
    worker = Worker(people=2, sender=RecordingSender(InDoubt()))
    worker.deliver()
    late = {0: Outcome(DeliveryStatus.SENT, "a"), 1: Outcome(DeliveryStatus.SENT, "b")}
    block = Block(0, 0, 0, (0, 1))
    assert [worker.campaigns.settle(worker.number, block, late) for _ in range(2)] == [True, False]
    assert worker.deliver().campaign_finished
    assert worker.counters == {"audience": 2, "sent": 2}


def test_throttles_that_are_not_in_a_row_do_not_end_a_run() -> None:
    answers: list[Answer | BaseException] = [THROTTLED, all_sent] * 6
    worker = Worker(people=12, sender=RecordingSender(*answers))
    assert worker.deliver().campaign_finished
    assert sorted(worker.sender.mailed) == sorted(worker.emails)


def test_a_chunk_with_a_follow_up_still_due_stays_open() -> None:
    worker = Worker(people=2, sender=RecordingSender(*[first_again] * 4))
    assert worker.deliver().retry_in
    assert worker.campaigns.open_chunks(worker.number, 10) == [0]
