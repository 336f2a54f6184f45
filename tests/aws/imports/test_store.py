"""The contract of `Imports`, kept by the fake and by DynamoDB alike."""

from dataclasses import dataclass, replace

import pytest

from optout.address import Address
from optout.aws.dynamodb import pack
from optout.aws.imports.store import DynamoDBImports, _from_import, _to_import
from optout.errors import AlreadySubscribed, Conflict
from optout.imports.job import ADDED, File, Import, Imports, Pass, State, Survey, Tally
from optout.imports.lines import Place
from optout.imports.rejection import FileError, RowError
from optout.subscribers.subscribe import NewSubscriber, subscribe_all
from optout.subscribers.subscriber import Status, Subscriber, Subscribers
from tests.support.engine import KEYED_HASH, Tables
from tests.support.fakes import InMemorySubscribers
from tests.support.fakes.imports import InMemoryImports

NUMBER = 859_111_923_712_031
WAITING = Import("acme", "weekly", NUMBER)
READING = Pass(2, 1000, 2000, Place(77, 5), Tally(9, 4, 3, 2, 1), 2000, {RowError.BOUNCED: 2})
FULL = Import(
    "acme",
    "weekly",
    NUMBER,
    State.ADDING,
    File('"abc"', 10**9),
    READING,
    replace(READING, index=3, finished=None),
    FileError.CHANGED,
    survey=Survey(2, Place(60, 4), 8, 3, done=True),
)


@dataclass
class Stored:
    """The port, and the subscribers beside it."""

    imports: Imports
    subscribers: Subscribers


@pytest.fixture
def stored(anywhere: Tables | None) -> Stored:
    if anywhere is None:
        subscribers = InMemorySubscribers()
        return Stored(InMemoryImports(subscribers), subscribers)
    imports = DynamoDBImports(anywhere.client, anywhere.names["SubscribersTable"], KEYED_HASH)
    return Stored(imports, anywhere.subscribers())


@pytest.mark.parametrize("job", [WAITING, FULL], ids=["waiting", "all there can be"])
def test_an_import_is_read_back_whole(stored: Stored, job: Import) -> None:
    stored.imports.create(WAITING)
    assert stored.imports.save(job) == replace(job, version=1)
    assert stored.imports.get(NUMBER) == replace(job, version=1)


def test_an_import_of_an_earlier_version_is_read_without_reasons_and_without_a_survey() -> None:
    item = _from_import(FULL)
    del item["survey"], item["check"]["reasons"], item["addition"]["reasons"]
    assert FULL.check
    assert FULL.addition
    before = replace(FULL, check=replace(FULL.check, reasons={}), addition=replace(FULL.addition, reasons={}))
    assert _to_import(item) == replace(before, survey=None)


def test_nobody_has_another_number(stored: Stored) -> None:
    stored.imports.create(WAITING)
    assert stored.imports.get(NUMBER + 1) is None


def test_a_number_is_taken_once(stored: Stored) -> None:
    stored.imports.create(WAITING)
    with pytest.raises(Conflict):
        stored.imports.create(replace(WAITING, newsletter="daily"))
    assert stored.imports.get(NUMBER) == WAITING


def test_an_import_that_somebody_else_has_changed_is_not_written(stored: Stored) -> None:
    stored.imports.create(WAITING)
    changed = stored.imports.save(replace(WAITING, state=State.FAILED))
    with pytest.raises(Conflict):
        stored.imports.save(replace(WAITING, state=State.CHECKING))
    assert stored.imports.get(NUMBER) == changed
    with pytest.raises(Conflict):
        stored.imports.save(replace(FULL, number=7))
    assert stored.imports.get(7) is None


def test_an_import_is_no_newsletter_and_nobody_s_subscriber(stored: Stored) -> None:
    stored.imports.create(WAITING)
    assert list(stored.subscribers.newsletters("acme")) == []
    assert list(stored.subscribers.newsletters("#import")) == []
    assert list(stored.subscribers.walk("acme", "weekly")) == []


def subscriber(number: int, email: str, newsletter: str = "weekly", workspace: str = "acme") -> Subscriber:
    return Subscriber(workspace, newsletter, number, Address.parse(email), "", Status.PENDING, 1000)


def test_who_is_in_the_newsletter_is_present_whatever_their_case(stored: Stored) -> None:
    stored.subscribers.add(subscriber(5, "Ada@Example.com"))
    stored.subscribers.add(subscriber(5, "bob@example.com", "daily"))
    stored.subscribers.add(subscriber(5, "bob@example.com", workspace="rival"))
    asked = [Address.parse(email) for email in ("ADA@example.com", "bob@example.com", "eve@example.com")]
    assert set(stored.imports.present("acme", "weekly", asked)) == {asked[0]}
    assert set(stored.imports.present("acme", "weekly", [])) == set()


SIZES = [1, 48, 49, ADDED, ADDED + 1, 100]  # either side of where the write takes another form


def batch(size: int) -> list[Subscriber]:
    return [subscriber(at, f"p{at}@example.com") for at in range(7, 7 + size)]


@pytest.mark.parametrize("size", SIZES)
def test_an_import_is_written_with_the_subscribers_it_adds(stored: Stored, size: int) -> None:
    stored.imports.create(WAITING)
    new, job = batch(size), replace(WAITING, state=State.ADDING)
    assert stored.imports.save(job, new) == stored.imports.get(NUMBER) == replace(job, version=1)
    assert list(stored.subscribers.walk("acme", "weekly"))[::-1] == new
    assert stored.subscribers.newest("acme", "weekly", 0, 1)[1] == size
    assert [stored.subscribers.get("acme", "weekly", one.number) for one in new] == new
    assert set(stored.imports.present("acme", "weekly", [one.address for one in new])) == {one.address for one in new}
    assert stored.imports.next_number("acme", "weekly") > new[-1].number


@pytest.mark.parametrize("size", SIZES)
def test_with_an_import_that_has_changed_nobody_is_added(stored: Stored, size: int) -> None:
    stored.imports.create(WAITING)
    changed = stored.imports.save(replace(WAITING, state=State.FAILED))
    with pytest.raises(Conflict):
        stored.imports.save(replace(WAITING, state=State.ADDING), batch(size))
    assert stored.imports.get(NUMBER) == changed
    assert list(stored.subscribers.walk("acme", "weekly")) == []
    assert stored.subscribers.newest("acme", "weekly", 0, 1)[1] == 0
    assert set(stored.imports.present("acme", "weekly", [one.address for one in batch(size)])) == set()


@pytest.mark.parametrize("size", SIZES)
def test_with_a_subscriber_that_cannot_be_added_the_import_is_not_written(stored: Stored, size: int) -> None:
    stored.imports.create(WAITING)
    there = subscriber(6, f"P{6 + size}@example.com")
    stored.subscribers.add(there)
    with pytest.raises(AlreadySubscribed):
        stored.imports.save(replace(WAITING, state=State.ADDING), batch(size))
    with pytest.raises(Conflict):
        stored.imports.save(replace(WAITING, state=State.ADDING), [subscriber(6, "bob@example.com")])
    assert stored.imports.get(NUMBER) == WAITING
    assert list(stored.subscribers.walk("acme", "weekly")) == [there]


@pytest.mark.parametrize("size", [1, 49, 97, 100])
def test_whoever_was_added_together_is_present(stored: Stored, size: int) -> None:
    people = [NewSubscriber(Address.parse(f"p{at}@example.com")) for at in range(1000)]
    subscribe_all(stored.subscribers, "acme", "weekly", people[:size])
    addresses = [one.address for one in people]
    assert set(stored.imports.present("acme", "weekly", addresses)) == set(addresses[:size])


def test_whose_address_is_held_for_a_batch_that_never_was_is_not_present(tables: Tables) -> None:
    store = tables.subscribers()
    ada = Address.parse("ada@example.com")
    row = store._address_row(subscriber(5, "ada@example.com"))
    store._reservations.reserve([row])
    imports = DynamoDBImports(tables.client, tables.names["SubscribersTable"], KEYED_HASH)
    assert set(imports.present("acme", "weekly", [ada])) == set()
    subscribe_all(store, "acme", "weekly", [NewSubscriber(ada)])
    assert set(imports.present("acme", "weekly", [ada])) == {ada}


def test_a_write_whose_answer_was_lost_is_not_taken_for_somebody_else_s(tables: Tables) -> None:
    """The client tries again, and the condition fails because of its own first write."""
    imports = DynamoDBImports(tables.client, tables.names["SubscribersTable"], KEYED_HASH)
    for _ in range(2):
        imports.create(WAITING)
    saved = [imports.save(FULL) for _ in range(2)]
    assert saved[0] == saved[1] == imports.get(NUMBER)
    with pytest.raises(Conflict):
        imports.save(replace(FULL, error=None))


def test_no_address_stands_in_the_import(tables: Tables) -> None:
    DynamoDBImports(tables.client, tables.names["SubscribersTable"], KEYED_HASH).create(FULL)
    (item,) = tables.items("SubscribersTable")
    assert item["pk"] == pack({"pk": f"#import#0{NUMBER}"})["pk"]
    assert item["sk"] == {"S": "import"}
    assert "@" not in str(item)
