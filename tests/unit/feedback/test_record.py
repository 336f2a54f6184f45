"""Recording feedback: an event with our tags proves what became of its email."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import pytest

from optout.access.credential import Credential
from optout.campaigns.campaign import State
from optout.campaigns.ledger import DeliveryStatus, Outcome
from optout.delivery.event_store import Proof
from optout.errors import Unavailable
from optout.feedback.policy import Effect, Verdict
from optout.feedback.record import MailTags, OutOfTime, Recorder, record_sent
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason
from tests.support.fakes import InMemoryCredentials, InMemoryEventStore, InMemorySuppressions
from tests.support.samples import address
from tests.support.worker import Worker

TAGS = MailTags("acme", "1000000", "0-1-0", "3", "m3", accepted=77, kind="Bounce")
SENT = Outcome(DeliveryStatus.SENT, "m3")
BOUNCED = Verdict(Effect.SUPPRESS, Reason.BOUNCED, "x", counted=Reason.BOUNCED)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        *((kind, SENT) for kind in ("Send", "Delivery", "DeliveryDelay", "Bounce", "Complaint")),
        *((kind, SENT) for kind in ("Open", "Click", "Subscription")),
        ("Reject", Outcome(DeliveryStatus.FAILED, "rejected")),
        ("Rendering Failure", Outcome(DeliveryStatus.FAILED, "rendering_failure")),
    ],
)
def test_the_kind_of_an_event_says_what_it_proves(kind: str, outcome: Outcome) -> None:
    assert replace(TAGS, kind=kind).proof == Proof(1_000_000, 0, 1, 0, 3, outcome)


@pytest.mark.parametrize("kind", ["", "RenderingFailure", "send", "AmazonSnsSubscriptionSucceeded", "Something New"])
def test_an_event_of_another_kind_proves_nothing(kind: str) -> None:
    assert replace(TAGS, kind=kind).proof is None


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
    assert replace(TAGS, **changed).proof is None  # type: ignore[arg-type]


class World:
    def __init__(self, people: int = 5) -> None:
        self.worker = Worker(people)
        self.event_store = InMemoryEventStore(self.worker.campaigns)
        self.suppressions = InMemorySuppressions()
        credentials = InMemoryCredentials()
        credentials.add(Credential("hash", "acme", "native"))
        self.recorder = Recorder(self.suppressions, self.worker.campaigns, credentials, self.event_store)


def test_a_batch_is_kept_at_once_and_once() -> None:
    world = World()
    block = world.worker.chunk.blocks()[1]
    world.worker.campaigns.claim(world.worker.number, block)
    for position in ("2", "3"):
        world.recorder.record(replace(TAGS, position=position), [])
    assert world.event_store.written == 0
    world.recorder.finish()
    world.recorder.finish()
    assert world.event_store.written == 1


def test_that_bounces_arrive_does_not_say_that_the_events_of_every_mail_do() -> None:
    world = World()
    world.recorder.record(TAGS, [("p3@example.com", BOUNCED)])
    world.recorder.finish()
    assert world.event_store.alive == 0


def test_a_bounce_is_proof_too() -> None:
    world = World()
    world.worker.campaigns.claim(world.worker.number, world.worker.chunk.blocks()[1])
    world.recorder.record(TAGS, [("p3@example.com", BOUNCED)])
    world.recorder.finish()
    assert world.worker.campaigns.rows(world.worker.number, 0)[0].proven == {3: SENT}
    assert EVERYTHING in world.suppressions.state("acme", address("p3@example.com")).in_force


@pytest.mark.parametrize(("reason", "enough"), [(Reason.BOUNCED, 9), (Reason.COMPLAINED, 3)])
def test_the_event_that_is_one_too_many_stops_the_campaign(reason: Reason, enough: int) -> None:
    world = World()
    for at in range(enough):
        assert world.worker.state is State.SENDING
        verdict = Verdict(Effect.SUPPRESS, reason, "x", counted=reason)
        world.recorder.record(replace(TAGS, position=str(at)), [(f"p{at}@example.com", verdict)])
    assert world.worker.state is State.PARKED


@pytest.mark.parametrize(("rejected", "state"), [(8, State.SENDING), (9, State.PARKED)])
def test_the_rejection_that_is_one_too_many_stops_the_campaign(rejected: int, state: State) -> None:
    world = World(people=12)
    campaigns, number = world.worker.campaigns, world.worker.number
    for block in world.worker.chunk.blocks()[:5]:
        campaigns.claim(number, block)
        campaigns.settle(number, block, dict.fromkeys(block.positions, SENT))
    for at in range(rejected):
        world.recorder.record(replace(TAGS, block=f"0-{at // 2}-0", position=str(at), kind="Reject"), [])
    world.recorder.finish()
    assert world.worker.state is state


def test_what_is_no_address_is_counted_and_passed_over() -> None:
    world = World()
    assert world.recorder.record(TAGS, [("MAILER-DAEMON", BOUNCED), ("p3@example.com", BOUNCED)]) == 1


def test_mail_that_is_not_ours_proves_nothing() -> None:
    world = World()
    assert record_sent(world.event_store, [MailTags(accepted=99, kind="Send")]) == 0
    assert world.event_store.alive == 0


def test_the_latest_mail_of_a_file_says_until_when_events_have_arrived() -> None:
    world = World()
    world.worker.campaigns.claim(world.worker.number, world.worker.chunk.blocks()[1])
    mails = [replace(TAGS, position=position, accepted=at) for position, at in (("2", 70), ("3", 90), ("2", 80))]
    assert record_sent(world.event_store, mails) == 3
    assert (world.event_store.written, world.event_store.alive) == (1, 90)


def test_a_file_is_taken_in_without_ever_being_held_as_a_whole() -> None:
    world, handed_out = World(), []
    world.worker.campaigns.claim(world.worker.number, world.worker.chunk.blocks()[1])

    def mails() -> Iterator[MailTags]:
        for at in range(2_500):
            handed_out.append(at)
            assert world.event_store.written == at // 1_000
            yield TAGS

    assert record_sent(world.event_store, mails()) == len(handed_out) == 2_500


def test_a_file_that_cannot_be_kept_to_its_end_does_not_say_that_its_events_have_arrived() -> None:
    world = World()

    def mails() -> Iterator[MailTags]:
        yield TAGS
        raise Unavailable

    with pytest.raises(Unavailable):
        record_sent(world.event_store, mails())
    assert world.event_store.alive == 0


@pytest.mark.parametrize(
    ("workspace", "suppressed"), [("acme", {"acme"}), ("", {"acme", "rival"}), ("x", {"acme", "rival"})]
)
def test_a_bounce_is_suppressed_in_its_workspace_or_if_that_is_unknown_in_all(
    workspace: str, suppressed: set[str]
) -> None:
    world = World()
    world.recorder.credentials.add(Credential("other", "rival", "native"))
    world.recorder.record(replace(TAGS, workspace=workspace), [("p3@example.com", BOUNCED)])
    states = {name: world.suppressions.state(name, address("p3@example.com")) for name in ("acme", "rival")}
    assert {name for name, state in states.items() if state.in_force} == suppressed


OTHER = replace(TAGS, workspace="", campaign="")


def with_rivals() -> World:
    """Three workspaces, in this order."""
    world = World()
    for workspace in ("rival", "third"):
        world.recorder.credentials.add(Credential(workspace, workspace, "native"))
    return world


def history(world: World) -> list[int]:
    """How often the address was suppressed in each workspace."""
    return [
        len(list(world.suppressions.history(name, address("p3@example.com")))) for name in ("acme", "rival", "third")
    ]


def test_an_event_that_ran_out_of_time_goes_on_where_it_stopped_when_it_comes_again() -> None:
    world, left = with_rivals(), iter([60.0, 60.0, 60.0, 29.0])
    with pytest.raises(OutOfTime):
        world.recorder.record(OTHER, [("p3@example.com", BOUNCED)], lambda: next(left))
    assert history(world) == [1, 0, 0]
    left = iter([60.0, 60.0, 60.0, 60.0])  # what is recorded takes no time
    world.recorder.record(OTHER, [("p3@example.com", BOUNCED)], lambda: next(left))
    assert history(world) == [1, 1, 1]


def test_another_reason_is_recorded_beside_the_one_that_is_there() -> None:
    world = with_rivals()
    for reason in (Reason.BOUNCED, Reason.COMPLAINED):
        world.recorder.record(OTHER, [("p3@example.com", Verdict(Effect.SUPPRESS, reason, "x"))])
    assert history(world) == [2, 2, 2]


@pytest.mark.parametrize(
    ("seconds", "ours", "others"),
    [(60, True, True), (30, True, True), (29, True, False), (20, True, False), (19, False, False)],
)
def test_some_of_the_time_is_left_to_the_events_of_our_own_emails(seconds: int, ours: bool, others: bool) -> None:
    for tags, is_recorded in ((TAGS, ours), (OTHER, others)):
        world = World()
        with nullcontext() if is_recorded else pytest.raises(OutOfTime):
            world.recorder.record(tags, [("p3@example.com", BOUNCED)], lambda: seconds)
        assert bool(list(world.suppressions.history("acme", address("p3@example.com")))) is is_recorded


@pytest.mark.parametrize(
    ("campaign", "counted", "counters"),
    [
        ("1000000", Reason.BOUNCED, {"bounced": 1}),
        ("1000000", Reason.COMPLAINED, {"complained": 1}),
        ("1000000", None, {}),
        ("", Reason.BOUNCED, {}),
        ("x", Reason.BOUNCED, {}),
    ],
)
def test_what_counts_is_counted_in_its_campaign_whatever_the_reason(
    campaign: str, counted: Reason | None, counters: dict[str, int]
) -> None:
    world = World()
    verdict = Verdict(Effect.SUPPRESS, Reason.PROVIDER, "x", counted=counted)
    world.recorder.record(replace(TAGS, campaign=campaign), [("p3@example.com", verdict)])
    assert world.worker.counters == {"audience": 5, **counters}


OPTED_OUT = Verdict(Effect.SUPPRESS, Reason.PROVIDER_OPT_OUT, "x", of_topic=True)


def test_an_opt_out_in_the_provider_s_list_is_of_the_topic_of_the_email() -> None:
    world = World()
    world.recorder.record(TAGS, [("p3@example.com", OPTED_OUT)])
    topic = world.worker.campaigns.get(1_000_000).topic  # type: ignore[union-attr]
    assert topic
    assert list(world.suppressions.state("acme", address("p3@example.com")).in_force) == [Scope.of([topic])]


@pytest.mark.parametrize("campaign", ["", "x", "77"])
def test_an_opt_out_of_a_topic_that_is_none_of_ours_stores_nothing(campaign: str) -> None:
    world = World()
    world.recorder.record(replace(TAGS, campaign=campaign), [("p3@example.com", OPTED_OUT)])
    assert not world.suppressions.state("acme", address("p3@example.com")).in_force
