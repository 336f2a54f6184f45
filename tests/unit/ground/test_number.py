"""Record numbers: below 2^53, growing with time, with reversible encodings."""

import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout import clock, number

NUMBERS = st.integers(0, number.LIMIT - 1)
SPELLINGS = {
    "object id": (number.to_object_id, number.from_object_id),
    "uuid": (number.to_uuid, number.from_uuid),
    "meteor id": (number.to_meteor_id, number.from_meteor_id),
}
Spell = Callable[[int], str]
Read = Callable[[str], int | None]

spellings = pytest.mark.parametrize(("spell", "read"), SPELLINGS.values(), ids=SPELLINGS.keys())


@spellings
@given(value=NUMBERS)
def test_every_spelling_leads_back_to_its_number(spell: Spell, read: Read, value: int) -> None:
    assert read(spell(value)) == value


@spellings
@given(one=NUMBERS, other=NUMBERS)
def test_every_spelling_sorts_as_its_number_does(spell: Spell, read: Read, one: int, other: int) -> None:
    assert (spell(one) < spell(other)) == (one < other)


@pytest.mark.parametrize("at", [number.EPOCH, 1_760_000_000_123, number.milliseconds(number.LIMIT - 1)])
def test_a_number_says_when_it_was_made_and_stays_below_two_to_the_53(at: int) -> None:
    made = number.new(at)
    assert number.milliseconds(made) == at
    assert 0 <= made < 2**53


def test_numbers_of_later_milliseconds_are_larger() -> None:
    assert max(number.new(1_760_000_000_000) for _ in range(200)) < min(
        number.new(1_760_000_000_001) for _ in range(200)
    )


@given(value=NUMBERS)
def test_an_object_id_begins_with_its_seconds(value: int) -> None:
    text = number.to_object_id(value)
    assert len(text) == 24
    assert int(text[:8], 16) == number.milliseconds(value) // 1000


@given(value=NUMBERS)
def test_a_uuid_has_the_layout_of_version_7(value: int) -> None:
    found = uuid.UUID(number.to_uuid(value))
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert found.int >> 80 == number.milliseconds(value)


@given(value=NUMBERS)
def test_a_meteor_id_has_17_characters_and_no_look_alikes(value: int) -> None:
    text = number.to_meteor_id(value)
    assert len(text) == 17
    assert not set(text) & set("01IOUVl")


@given(text=st.text("0123456789abcdef", min_size=24, max_size=24))
def test_an_object_id_that_is_not_ours_is_nobodys(text: str) -> None:
    assert number.from_object_id(text) is None


def test_an_object_id_of_a_thousandth_that_no_second_has_is_nobodys() -> None:
    text = number.to_object_id(number.new(clock.now()))
    assert number.from_object_id(text[:8] + f"{1000:03x}" + text[11:]) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        str(uuid.UUID(int=0)),
        "0193e7a0-0000-7000-8000-000000000000",
        "{" + number.to_uuid(5) + "}",
        number.to_uuid(5).replace("-", ""),
    ],
)
def test_a_uuid_that_is_not_ours_or_not_spelled_as_we_do_is_nobodys(text: str) -> None:
    assert number.from_uuid(text) is None


def test_a_uuid_reads_in_either_case() -> None:
    assert number.from_uuid(number.to_uuid(2**50 + 11).upper()) == 2**50 + 11


@pytest.mark.parametrize("text", ["", "2" * 16, "2" * 18, "z" * 17, "0" + "2" * 16, "2" * 16 + "\n", "ä" + "2" * 16])
def test_a_meteor_id_that_is_not_ours_is_nobodys(text: str) -> None:
    assert number.from_meteor_id(text) is None


@pytest.mark.parametrize(
    ("spell", "read", "text"),
    [
        (number.to_object_id, number.from_object_id, "6a8fa0e91f407b6f70746f75"),
        (number.to_uuid, number.from_uuid, "01a0410c-901c-707b-af70-746f75744c73"),
        (number.to_meteor_id, number.from_meteor_id, "22222222CGtfWTDCt"),
    ],
    ids=["object id", "uuid", "meteor id"],
)
def test_the_ids_that_clients_have_stored_stay_valid(spell: Spell, read: Read, text: str) -> None:
    assert (spell(860_000_000_000_123), read(text)) == (text, 860_000_000_000_123)
