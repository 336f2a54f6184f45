"""Which records a search finds, in which order, and when it is too broad."""

import pytest

from optout.address import Address
from optout.errors import TooBroad
from optout.number import Between
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope, trigger_scope
from optout.suppressions import search
from optout.suppressions.reason import Reason
from optout.suppressions.search import Order, Search, by_number, find
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Suppression, Suppressions, View
from tests.support.fakes import InMemorySuppressions

SCOPES = [EVERYTHING, trigger_scope(5), Scope.of(["marketing"], ["shop"])]


@pytest.fixture
def store() -> InMemorySuppressions:
    return InMemorySuppressions()


def fill(store: Suppressions, count: int = 9) -> list[int]:
    """The addresses sort in the reverse order of creation."""
    return [
        suppress(
            store,
            "acme",
            Address.parse(f"p{count - n}@example.com"),
            SCOPES[n % 3],
            Reason.MANUAL,
            Origin("command"),
        ).record.number
        for n in range(count)
    ]


def numbers(store: Suppressions, wanted: Search, offset: int = 0, limit: int = 100) -> list[int]:
    return [record.number for record in find(store, "acme", wanted, offset=offset, limit=limit).records]


def email(record: Suppression) -> str:
    return record.address.original


def test_without_conditions_every_record_is_found_oldest_first(store: InMemorySuppressions) -> None:
    made = fill(store)
    assert numbers(store, Search()) == made


def test_a_view_hides_what_it_cannot_say(store: InMemorySuppressions) -> None:
    made = fill(store)
    assert numbers(store, Search(view=View.TRIGGERS)) == [n for i, n in enumerate(made) if i % 3 < 2]


def test_a_page_is_a_part_and_the_total_is_not(store: InMemorySuppressions) -> None:
    made = fill(store)
    newest_first = (Order(by_number, descending=True),)
    found = find(store, "acme", Search(orders=newest_first), offset=2, limit=3)
    assert ([record.number for record in found.records], found.total) == (made[::-1][2:5], 9)


def test_an_address_finds_all_its_records(store: InMemorySuppressions) -> None:
    fill(store)
    ada = Address.parse("Ada@example.com")
    ids = [suppress(store, "acme", ada, scope, Reason.MANUAL, Origin("command")).record.number for scope in SCOPES]
    assert numbers(store, Search(address=Address.parse("ada@example.com"))) == ids
    assert numbers(store, Search(address=ada, numbers=[ids[1], 7])) == [ids[1]]
    assert numbers(store, Search(address=ada, view=View.TRIGGERS)) == ids[:2]
    assert numbers(store, Search(address=ada, naming={"shop"})) == [ids[2]]


def test_numbers_find_those_that_are_there(store: InMemorySuppressions) -> None:
    made = fill(store)
    assert numbers(store, Search(numbers=[made[4], 12345, made[2]])) == [made[2], made[4]]


def test_conditions_narrow_each_other(store: InMemorySuppressions) -> None:
    made = fill(store)
    wanted = Search(
        between=Between(made[1], made[8]), naming={"trigger:5"}, matches=lambda record: record.number != made[4]
    )
    assert numbers(store, wanted) == [made[7]]


def test_several_orders_sort_by_the_first_and_then_by_the_next(store: InMemorySuppressions) -> None:
    made = fill(store)
    orders = (Order(lambda record: record.scope.key), Order(email, descending=True))
    expected = [made[i] for kind in (0, 2, 1) for i in range(9) if i % 3 == kind]
    assert numbers(store, Search(orders=orders)) == expected
    assert numbers(store, Search(orders=(Order(email),))) == made[::-1]


def test_a_search_that_would_read_too_much_is_refused(
    store: InMemorySuppressions, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fill(store)
    monkeypatch.setattr(search, "READ", 8)
    by_email = (Order(email),)
    with pytest.raises(TooBroad):
        find(store, "acme", Search(orders=by_email))
    assert len(numbers(store, Search(orders=by_email, between=Between(above=made[0])))) == 8
    assert len(numbers(store, Search())) == 9  # a range is never too broad


def test_a_search_that_would_take_too_much_over_is_refused(
    store: InMemorySuppressions, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    monkeypatch.setattr(search, "TAKEN", 3)
    with pytest.raises(TooBroad):
        find(store, "acme", Search(orders=(Order(email),)))
    assert len(numbers(store, Search(naming={"shop"}))) == 3
