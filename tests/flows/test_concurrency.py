"""Many at once: one record, and the same id in every answer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from optout.address import Address
from optout.number import from_object_id
from optout.suppressions.suppression import View
from tests.flows.story import Story
from tests.support.patience import PATIENCE

AT_ONCE = 50
PATH = "/rest/V1/mst-email/unsubscriptions"


def repzo(story: Story) -> int:
    answer = story.repzo("POST", "/mail-unsubscribe", json={"email": story.email})
    assert answer.status_code == 201, answer.text
    return from_object_id(answer.json()["data"]["_id"]) or 0


def mirasvit(story: Story) -> int:
    answer = story.mirasvit("POST", PATH, json={"unsubscription": {"email": story.email}})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def at_once(creates: Sequence[Callable[[Story], int]], story: Story) -> list[int]:
    """The record numbers of all answers."""
    gate = Barrier(len(creates))

    def begin(create: Callable[[Story], int]) -> int:
        with httpx.Client(base_url=story.stack.url, timeout=PATIENCE, trust_env=False) as own:
            gate.wait()
            return create(Story(story.stack, story.stores, own, story.email))

    with ThreadPoolExecutor(len(creates)) as pool:
        return list(pool.map(begin, creates))


@pytest.mark.parametrize(
    "creates", [[repzo], [mirasvit], [repzo, mirasvit]], ids=["repzo", "mirasvit", "across dialects"]
)
def test_fifty_identical_creates_make_one_record_with_one_id(
    story: Story, creates: list[Callable[[Story], int]]
) -> None:
    numbers = at_once(creates * (AT_ONCE // len(creates)), story)
    assert len(numbers) == AT_ONCE
    assert len(set(numbers)) == 1
    address = Address.parse(story.email)
    records = story.stores.suppressions.for_email("acme", address)
    assert [record.number for record in records] == [numbers[0]]
    assert next(iter(story.stores.suppressions.history("acme", address))).version == 1


def test_fifty_identical_subscribers_are_one(story: Story) -> None:
    def create(own: Story) -> int:
        return own.letterbucket("POST", "/subscribers", json={"email": own.email}).status_code

    assert sorted(at_once([create] * AT_ONCE, story)) == [201] + [422] * (AT_ONCE - 1)


def test_a_total_counts_a_record_that_many_made_once(story: Story) -> None:
    _, before = story.stores.suppressions.page("acme", View.ALL, 0, 0, newest_first=True)
    at_once([repzo, mirasvit] * 5, story)
    _, after = story.stores.suppressions.page("acme", View.ALL, 0, 0, newest_first=True)
    assert after == before + 1
