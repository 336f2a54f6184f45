"""Delivering: claim, send once, settle; suppressed recipients are left out."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from optout.campaigns import transitions
from optout.campaigns.campaign import Campaigns, Parking, ParkReason, State
from optout.campaigns.ledger import DeliveryStatus, Outcome
from optout.campaigns.ramp import Ramp
from optout.delivery.sender import Report
from optout.scope import EVERYTHING, MessageClass, Scope
from optout.suppressions.reason import Reason
from tests.support.fakes import InMemorySendLimiter
from tests.support.fakes.delivery import all_sent, sent_after
from tests.support.samples import campaign, plenty, stop
from tests.support.worker import Worker


def test_everybody_is_mailed_once_in_blocks() -> None:
    worker = Worker()
    report = worker.deliver()
    assert worker.sender.calls == [
        ("p0@example.com", "p1@example.com"),
        ("p2@example.com", "p3@example.com"),
        ("p4@example.com",),
    ]
    assert (report.sent, report.campaign_finished) == (5, True)
    assert [block.id for block in worker.sender.blocks] == ["0-0-0", "0-1-0", "0-2-0"]


def test_every_recipient_has_its_message_id_in_the_ledger() -> None:
    worker = Worker()
    worker.deliver()
    assert [(entry.status, entry.detail) for entry in worker.ledger] == [
        (DeliveryStatus.SENT, f"id-{at}") for at in range(5)
    ]


def test_slots_are_taken_for_every_block() -> None:
    worker = Worker()
    worker.deliver()
    assert worker.send_limiter.leased == [2, 2, 1]


def test_delivered_twice_is_sent_once() -> None:
    worker = Worker()
    worker.deliver()
    again = worker.deliver()
    assert len(worker.sender.mailed) == 5
    assert again.campaign_finished is False
    assert worker.counters == {"audience": 5, "sent": 5}


def test_two_workers_on_one_chunk_send_every_block_once() -> None:
    worker = Worker(people=6)
    worker.sender.answers.append(sent_after(worker.deliver))
    worker.deliver()
    assert sorted(worker.sender.mailed) == sorted(worker.emails)
    assert worker.counters == {"audience": 6, "sent": 6}


def test_a_campaign_is_finished_by_the_run_that_accounts_for_the_last_recipient() -> None:
    worker = Worker()
    assert worker.deliver().campaign_finished
    found = worker.campaigns.get(worker.number)
    assert found
    assert found.state is State.FINISHED


def test_counters_add_up_to_the_audience() -> None:
    worker = Worker(emails=("p0@example.com", "p1@example.com", "nobody", "jos\u00e9@example.com", "p4@example.com"))
    stop(worker.suppressions, "p1@example.com", reason=Reason.BOUNCED)
    worker.sender.answers.append(all_sent)
    worker.sender.answers.append(
        lambda messages: {at.position: Outcome(DeliveryStatus.FAILED, "FAILED") for at in messages}
    )
    report = worker.deliver()
    assert worker.statuses == ["sent", "skipped", "failed", "failed", "failed"]
    assert (report.sent, report.skipped, report.failed) == (1, 1, 3)
    assert worker.counters == {"audience": 5, "sent": 1, "skipped": 1, "skipped_bounced": 1, "failed": 3}


def test_an_opt_out_before_the_claim_is_never_mailed() -> None:
    worker = Worker()
    stop(worker.suppressions, "P1@Example.com")
    worker.deliver()
    assert "p1@example.com" not in worker.sender.mailed
    assert worker.statuses == ["sent", "skipped", "sent", "sent", "sent"]
    assert worker.ledger[1].detail == "unsubscribed"


def test_an_opt_out_between_the_blocks_of_a_chunk_is_honoured() -> None:
    worker = Worker()
    worker.sender.answers.append(sent_after(lambda: stop(worker.suppressions, "p4@example.com")))
    worker.deliver()
    assert "p4@example.com" not in worker.sender.mailed


def test_an_opt_out_while_waiting_for_a_slot_is_honoured() -> None:
    worker = Worker()
    worker.send_limiter = InMemorySendLimiter(before=lambda: stop(worker.suppressions, "p0@example.com"))
    worker.deliver()
    assert "p0@example.com" not in worker.sender.mailed


def test_an_opt_out_of_another_topic_does_not_stop_the_mail() -> None:
    worker = Worker()
    stop(worker.suppressions, "p1@example.com", Scope.of(["newsletter:daily"]))
    stop(worker.suppressions, "p2@example.com", Scope.of(["newsletter:weekly"]))
    worker.deliver()
    assert worker.statuses == ["sent", "sent", "skipped", "sent", "sent"]


def test_an_opt_out_does_not_stop_transactional_mail_but_a_hard_bounce_does() -> None:
    worker = Worker(stored=campaign(message_class=MessageClass.TRANSACTIONAL))
    stop(worker.suppressions, "p1@example.com", EVERYTHING, Reason.ONE_CLICK)
    stop(worker.suppressions, "p2@example.com", EVERYTHING, Reason.BOUNCED)
    worker.deliver()
    assert worker.statuses == ["sent", "sent", "skipped", "sent", "sent"]


def test_a_block_of_nobody_is_settled_without_a_call() -> None:
    worker = Worker(people=2)
    for email in worker.emails:
        stop(worker.suppressions, email)
    assert worker.deliver().campaign_finished
    assert worker.sender.calls == []


def park(campaigns: Campaigns, number: int) -> object:
    return transitions.park(campaigns, number, Parking(ParkReason.CONFIG))


HALTS = [transitions.pause, transitions.cancel, park]


@pytest.mark.parametrize("halt", HALTS)
def test_a_stopped_campaign_sends_nothing(halt: Callable[[Campaigns, int], object]) -> None:
    worker = Worker()
    halt(worker.campaigns, worker.number)
    assert worker.deliver() == Report()
    assert worker.sender.calls == []


@pytest.mark.parametrize("halt", HALTS)
def test_a_stop_is_seen_before_the_next_claim(halt: Callable[[Campaigns, int], object]) -> None:
    worker = Worker()
    worker.sender.answers.append(sent_after(lambda: halt(worker.campaigns, worker.number)))
    worker.deliver()
    assert worker.sender.mailed == ["p0@example.com", "p1@example.com"]
    assert worker.statuses == ["sent", "sent", None, None, None]
    assert worker.counters == {"audience": 5, "sent": 2}


def test_a_chunk_beyond_the_ramp_is_left_for_later() -> None:
    worker = Worker(stored=replace(campaign(), ramp=Ramp(5)))
    worker.campaigns.put_chunk(worker.number, replace(worker.chunk, index=1, start=5))
    assert worker.delivery.deliver(worker.number, 1, plenty) == Report()
    worker.campaigns._change(worker.number, ramp=Ramp(6))
    assert worker.delivery.deliver(worker.number, 1, plenty).sent == 5


@pytest.mark.parametrize("halt", HALTS)
@pytest.mark.parametrize("wait", [0, 0.01], ids=["at_once", "after_a_wait"])
def test_no_block_is_claimed_after_a_stop_was_acknowledged(
    halt: Callable[[Campaigns, int], object], wait: float
) -> None:
    """The run has read the campaign before the stop. Nothing makes it read it again where slots are free at once."""
    worker = Worker()
    worker.send_limiter = InMemorySendLimiter(before=lambda: halt(worker.campaigns, worker.number), wait=wait)
    worker.deliver()
    assert worker.sender.calls == []
    assert worker.campaigns.rows(worker.number, 0) == []


def test_no_block_is_begun_without_time_for_it() -> None:
    worker = Worker()
    clock = iter([900.0, 14.0, 14.0])
    report = worker.deliver(lambda: next(clock))
    assert report.retry_in == 0
    assert worker.statuses == ["sent", "sent", None, None, None]
    assert worker.deliver().campaign_finished


@pytest.mark.parametrize(("number", "chunk"), [(1_000_000, 1), (7, 0)])
def test_a_chunk_or_campaign_that_is_not_there_is_nothing_to_deliver(number: int, chunk: int) -> None:
    worker = Worker()
    assert worker.delivery.deliver(number, chunk, plenty) == Report()
    assert worker.sender.calls == []


def test_a_chunk_of_one_recipient_takes_a_slot() -> None:
    worker = Worker(people=1)
    worker.deliver()
    assert worker.send_limiter.leased == [1]


def test_a_block_is_not_sent_before_its_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    now, sent_at = [1_000.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.append(now.pop() + seconds))
    worker = Worker(people=1, send_limiter=InMemorySendLimiter(wait=2.0))
    worker.sender.answers.append(sent_after(lambda: sent_at.append(now[0])))
    worker.deliver()
    assert sent_at == [pytest.approx(1_002.0)]
