"""Recording: an event proves that its mail was accepted, if it says which one that was."""

from dataclasses import replace

import pytest

from optout.campaign import State
from optout.credential import Credential
from optout.feedback import Effect, Verdict
from optout.reconciling import Sighting
from optout.recording import MailTags, Recording
from optout.scope import EVERYTHING
from optout.suppression import Reason
from tests.fakes import InMemoryCredentials, InMemoryEvidence, InMemorySuppressions
from tests.unit.delivering import Worker
from tests.unit.samples import address

TAGS = MailTags("acme", "1000000", "0-1-0", "3", "m3", accepted=77)
BOUNCED = Verdict(Effect.SUPPRESS, Reason.BOUNCED, "x")


def test_the_tags_of_a_mail_name_its_place() -> None:
    assert TAGS.sighting == Sighting(1_000_000, 0, 1, 0, 3, "m3")


@pytest.mark.parametrize(
    "changed",
    [
        {"campaign": ""},
        {"campaign": "x"},
        {"block": "0-1"},
        {"block": "0-1-0-0"},
        {"block": "a-1-0"},
        {"position": ""},
        {"position": "-1"},
        {"position": "\u0663"},
        {"campaign": "9" * 40},
    ],
)
def test_tags_that_are_not_ours_name_no_place(changed: dict[str, str]) -> None:
    assert replace(TAGS, **changed).sighting is None  # type: ignore[arg-type]


class World:
    def __init__(self) -> None:
        self.worker = Worker()
        self.evidence = InMemoryEvidence(self.worker.campaigns)
        self.suppressions = InMemorySuppressions()
        credentials = InMemoryCredentials()
        credentials.add(Credential("hash", "acme", "native"))
        self.recording = Recording(self.suppressions, self.worker.campaigns, credentials, self.evidence)


def test_a_batch_is_kept_at_once_and_once() -> None:
    world = World()
    block = world.worker.chunk.blocks()[1]
    world.worker.campaigns.claim(world.worker.number, block)
    for position in ("2", "3"):
        world.recording.record(replace(TAGS, position=position), [])
    assert world.evidence.written == 0
    world.recording.finish()
    world.recording.finish()
    assert (world.evidence.written, world.evidence.alive) == (1, 77)


def test_a_bounce_is_proof_too() -> None:
    world = World()
    world.worker.campaigns.claim(world.worker.number, world.worker.chunk.blocks()[1])
    world.recording.record(TAGS, [("p3@example.com", BOUNCED)])
    world.recording.finish()
    assert world.worker.campaigns.rows(world.worker.number, 0)[0].seen == {3: "m3"}
    assert EVERYTHING in world.suppressions.state("acme", address("p3@example.com")).in_force


@pytest.mark.parametrize(("reason", "enough"), [(Reason.BOUNCED, 9), (Reason.COMPLAINED, 3)])
def test_the_event_that_is_one_too_many_stops_the_campaign(reason: Reason, enough: int) -> None:
    world = World()
    for at in range(enough):
        assert world.worker.state is State.SENDING
        verdict = Verdict(Effect.SUPPRESS, reason, "x")
        world.recording.record(replace(TAGS, position=str(at)), [(f"p{at}@example.com", verdict)])
    assert world.worker.state is State.PARKED


def test_what_is_no_address_is_counted_and_passed_over() -> None:
    world = World()
    assert world.recording.record(TAGS, [("MAILER-DAEMON", BOUNCED), ("p3@example.com", BOUNCED)]) == 1


def test_mail_that_is_not_ours_proves_nothing() -> None:
    world = World()
    world.recording.record(MailTags(accepted=99), [])
    world.recording.finish()
    assert world.evidence.alive == 0
