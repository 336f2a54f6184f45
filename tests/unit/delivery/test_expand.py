"""Expanding: the audience is walked once, whatever crashes, repeats or rivals there are."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from optout.campaigns import transitions
from optout.campaigns.campaign import Campaigns, State
from optout.campaigns.ledger import Chunk, Cursor, Recipient
from optout.delivery import expand as expansion
from optout.delivery.expand import Expansion
from optout.errors import Unavailable
from optout.runtime.pattern import compile_pattern
from optout.subscribers.subscriber import Status
from tests.support.fakes import InMemoryCampaigns, InMemorySubscribers, InMemorySuppressions
from tests.support.samples import campaign, campaigns, people, plenty, subscriber, subscribers

NUMBER = 1_000_000


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "CHUNK", 3)


def expand(
    store: InMemoryCampaigns,
    people: InMemorySubscribers,
    first_chunk: int = 0,
    seconds_left: Callable[[], float] = plenty,
) -> Sequence[int]:
    return list(
        Expansion(store, people, InMemorySuppressions(), lambda: 3, compile_pattern).expand(
            NUMBER, first_chunk, seconds_left
        )
    )


def audience(store: InMemoryCampaigns) -> Sequence[str]:
    return [entry.recipient.email for entry in store.ledger(NUMBER)]


def counted(store: InMemoryCampaigns) -> int:
    found = store.get(NUMBER)
    assert found
    return found.counters["audience"]


def test_everybody_is_in_one_chunk_in_the_order_of_their_numbers() -> None:
    store = campaigns()
    assert expand(store, subscribers(*people(7))) == [0, 1, 2]
    assert audience(store) == [f"p{at}@example.com" for at in range(1, 8)]
    assert counted(store) == 7
    walked = store.get(NUMBER)
    assert walked
    assert (walked.cursor, walked.chunks, walked.state) == (None, 3, State.SENDING)


def test_every_newsletter_of_the_workspace_is_walked() -> None:
    store = campaigns()
    rows = (subscriber(1, "ada@example.com", "daily"), subscriber(2, "bob@example.com"))
    assert expand(store, subscribers(*rows)) == [0, 1]
    assert audience(store) == ["ada@example.com", "bob@example.com"]


def test_a_chunk_knows_how_many_recipients_are_before_it() -> None:
    store = campaigns()
    rows = [*people(4), *(subscriber(at, f"q{at}@example.com", "yearly") for at in range(11, 13))]
    expand(store, subscribers(*rows), seconds_left=iter([99.0, 99.0, 0.0, *[99.0] * 9]).__next__)
    expand(store, subscribers(*rows))
    chunks = [store.chunk(NUMBER, index) for index in range(3)]
    assert [chunk and (chunk.start, len(chunk.recipients)) for chunk in chunks] == [(0, 3), (3, 1), (4, 2)]


def test_a_chunk_remembers_the_size_of_its_blocks() -> None:
    store = campaigns()
    list(
        Expansion(store, subscribers(*people(3)), InMemorySuppressions(), lambda: 1, compile_pattern).expand(
            NUMBER, 0, plenty
        )
    )
    chunk = store.chunk(NUMBER, 0)
    assert chunk
    assert [list(block.positions) for block in chunk.blocks()] == [[0], [1], [2]]


def test_a_chunk_has_whole_blocks_but_for_the_last_one() -> None:
    store = campaigns()
    list(
        Expansion(store, subscribers(*people(5)), InMemorySuppressions(), lambda: 2, compile_pattern).expand(
            NUMBER, 0, plenty
        )
    )
    chunks = [store.chunk(NUMBER, index) for index in range(3)]
    assert [chunk and len(chunk.recipients) for chunk in chunks] == [2, 2, 1]


def test_an_index_is_rung_for_only_when_its_chunk_is_stored() -> None:
    store = campaigns()
    for index in Expansion(store, subscribers(*people(7)), InMemorySuppressions(), lambda: 3, compile_pattern).expand(
        NUMBER, 0, plenty
    ):
        assert store.chunk(NUMBER, index)


def test_whoever_came_after_the_campaign_is_not_in_its_audience() -> None:
    store = campaigns()
    expand(store, subscribers(subscriber(NUMBER - 1, "before@example.com"), subscriber(NUMBER + 1, "late@example.com")))
    assert audience(store) == ["before@example.com"]


def test_whoever_has_not_confirmed_is_not_in_the_audience() -> None:
    store = campaigns()
    expand(store, subscribers(subscriber(1, "ada@example.com", status=Status.PENDING)))
    assert audience(store) == []


def test_somebody_in_two_newsletters_is_taken_once() -> None:
    store = campaigns()
    rows = (subscriber(1, "Ada@example.com", "daily"), subscriber(2, "ada@example.com"), subscriber(3, "b@example.com"))
    expand(store, subscribers(*rows))
    assert audience(store) == ["Ada@example.com", "b@example.com"]
    assert counted(store) == 2


def test_somebody_who_confirmed_only_one_of_two_newsletters_is_taken() -> None:
    store = campaigns()
    rows = (subscriber(1, "ada@example.com", "daily", Status.PENDING), subscriber(2, "ada@example.com"))
    expand(store, subscribers(*rows))
    assert audience(store) == ["ada@example.com"]


def test_a_workspace_without_newsletters_has_an_empty_audience() -> None:
    store = campaigns()
    assert expand(store, InMemorySubscribers()) == [0]
    assert store.finish(NUMBER)


def test_a_repeat_rings_again_and_counts_nobody_twice() -> None:
    store, rows = campaigns(), subscribers(*people(7))
    assert expand(store, rows) == expand(store, rows) == [0, 1, 2]
    assert counted(store) == 7
    assert len(audience(store)) == 7


def test_a_repeat_that_was_rung_for_rings_only_for_what_comes_after() -> None:
    store, rows = campaigns(), subscribers(*people(7))
    expand(store, rows)
    assert expand(store, rows, first_chunk=2) == [2]


def test_a_run_without_time_stops_and_the_next_one_goes_on() -> None:
    store, rows = campaigns(), subscribers(*people(7))
    clock = iter([900.0, 5.0])
    assert expand(store, rows, seconds_left=lambda: next(clock)) == [0]
    assert expand(store, rows, first_chunk=1) == [1, 2]
    assert counted(store) == 7


class _Crashing(InMemoryCampaigns):
    """A store that stops answering at one of its writes, before or after it."""

    def __init__(self, crash_at: int) -> None:
        super().__init__()
        self._left = crash_at

    def _write(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Unavailable

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        self._write()
        stored = super().put_chunk(number, chunk)
        self._write()
        return stored

    def advance(self, number: int, before: Cursor, chunk: Chunk) -> bool:
        done = super().advance(number, before, chunk)
        self._write()
        return done


@pytest.mark.parametrize("crash_at", range(1, 10))
def test_a_crash_at_any_write_leaves_the_same_chunks(crash_at: int) -> None:
    rows = subscribers(*people(7), subscriber(8, "p2@example.com", "zebra"))
    store = _Crashing(crash_at)
    store.create(campaign(), {})
    with pytest.raises(Unavailable):
        expand(store, rows)
    first_chunk = expand(store, rows)
    assert first_chunk[-1] == 3
    assert audience(store) == [f"p{at}@example.com" for at in range(1, 8)]
    assert counted(store) == 7


def test_rival_runs_store_the_same_chunks_and_count_the_audience_once() -> None:
    store, rows = campaigns(), subscribers(*people(10), subscriber(11, "p2@example.com", "zebra"))
    one, other = (
        Expansion(store, rows, InMemorySuppressions(), lambda: 3, compile_pattern).expand(NUMBER, 0, plenty)
        for _ in range(2)
    )
    first_chunk: set[int] = set()
    for _ in range(4):
        first_chunk |= {next(one), next(other)}
    first_chunk |= {*one, *other}
    assert first_chunk == {0, 1, 2, 3, 4}
    assert audience(store) == [f"p{at}@example.com" for at in range(1, 11)]
    assert counted(store) == 10


def test_a_rival_with_another_block_size_takes_the_stored_one() -> None:
    class _Overtaken(InMemoryCampaigns):
        def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
            super().put_chunk(number, Chunk(chunk.index, chunk.recipients, chunk.next, 1))
            return super().put_chunk(number, chunk)

    store = _Overtaken()
    store.create(campaign(), {})
    expand(store, subscribers(*people(2)))
    chunk = store.chunk(NUMBER, 0)
    assert chunk
    assert len(chunk.blocks()) == 2


def test_the_stored_chunk_counts_though_the_audience_has_changed_since() -> None:
    store = campaigns()
    store.put_chunk(NUMBER, Chunk(0, (Recipient(9, "gone@example.com", ""),), Cursor(1, "weekly", 4), 2))
    expand(store, subscribers(*people(6)))
    assert audience(store) == ["gone@example.com", "p5@example.com", "p6@example.com"]
    assert counted(store) == 3


@pytest.mark.parametrize("stop", [transitions.pause, transitions.cancel])
def test_a_stopped_campaign_is_expanded_no_further(stop: Callable[[Campaigns, int], object]) -> None:
    store, rows = campaigns(), subscribers(*people(7))
    run = Expansion(store, rows, InMemorySuppressions(), lambda: 3, compile_pattern).expand(NUMBER, 0, plenty)
    next(run)
    stop(store, NUMBER)
    assert list(run) == []
    assert expand(store, rows) == []
    assert counted(store) == 3


def test_a_campaign_that_nobody_stored_is_nothing_to_expand() -> None:
    assert expand(InMemoryCampaigns(), subscribers(*people(1))) == []


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ("p1@example.com", Recipient(1, "p1@example.com", "Ada")),
        ("boss@example.com", Recipient(0, "boss@example.com", "Test Recipient")),
    ],
)
def test_a_test_mail_has_one_recipient(only: str, expected: Recipient) -> None:
    store = campaigns(campaign(test_recipient=only))
    assert expand(store, subscribers(*people(7))) == [0]
    chunk = store.chunk(NUMBER, 0)
    assert chunk
    assert list(chunk.recipients) == [expected]
    assert counted(store) == 1


def test_workspaces_do_not_mail_each_others_people() -> None:
    store, rows = campaigns(), subscribers(*people(1))
    rows.add(replace(subscriber(2, "eve@example.com"), workspace="rival"))
    expand(store, rows)
    assert audience(store) == ["p1@example.com"]
