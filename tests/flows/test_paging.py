"""A long list, page by page, while it changes: no record twice, none left out, every total exact."""

import random
import threading
from collections.abc import Iterator

import httpx
import pytest

from local.stack import Stack
from optout.access.credential import Credential, hash_key, new_key
from optout.address import Address
from optout.number import from_object_id
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.lift import lift
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tools.stores import Stores

RECORDS = 2500
PER_PAGE = 7
PER_REQUEST = 25  # of the client that pages by id
WORKSPACE = "paging"
ORIGIN = Origin("command")
PATH = "/rest/V1/mst-email/unsubscriptions"


class List:
    """A workspace of its own, with a model of what is in its list: numbers, oldest first."""

    def __init__(self, stack: Stack) -> None:
        self.suppressions = Stores(stack).suppressions
        self.made = 0
        self.model: list[int] = []
        self.lock = threading.Lock()
        self.keys = {dialect: new_key() for dialect in ("repzo", "mirasvit")}
        for dialect, key in self.keys.items():
            Stores(stack).credentials.add(Credential(hash_key(key), WORKSPACE, dialect))

    def add(self) -> None:
        address = Address.parse(f"person{self.made}@reader.example")
        self.made += 1
        done = suppress(self.suppressions, WORKSPACE, address, EVERYTHING, Reason.UNSUBSCRIBED, ORIGIN)
        with self.lock:
            self.model.append(done.record.number)

    def remove(self, number: int) -> None:
        lift(self.suppressions, WORKSPACE, number, ORIGIN)
        with self.lock:
            self.model.remove(number)


@pytest.fixture(scope="module")
def records(stack: Stack) -> List:
    found = List(stack)
    for _ in range(RECORDS):
        found.add()
    return found


def test_every_page_is_the_part_of_the_list_that_its_number_says(http: httpx.Client, records: List) -> None:
    headers, dice, page, pages = {"api-key": records.keys["repzo"]}, random.Random(7), 1, 1
    while page <= pages:
        parameters = {"page": page, "per_page": PER_PAGE}
        answer = http.get("/mail-unsubscribe", params=parameters, headers=headers).json()
        newest_first = records.model[::-1]
        ids = [from_object_id(row["_id"]) for row in answer["data"]]
        assert ids == newest_first[(page - 1) * PER_PAGE : page * PER_PAGE]
        pages = -(-len(newest_first) // PER_PAGE)
        assert answer["paging"] == {"total": len(newest_first), "page": page, "per_page": PER_PAGE, "pages": pages}
        if page % 3 == 0:
            records.add()
        if page % 4 == 0:
            records.remove(dice.choice(records.model))
        page += 1


@pytest.fixture
def changing(records: List) -> Iterator[List]:
    """The list, while another thread adds to its end and lifts from all over it."""
    done, dice, failures = threading.Event(), random.Random(8), list[BaseException]()

    def change() -> None:
        try:
            while not done.wait(0.05):
                records.add()
                records.remove(dice.choice(records.model))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=change)
    thread.start()
    yield records
    done.set()
    thread.join()
    assert not failures


def test_a_client_that_pages_by_id_meets_everybody_once_and_comes_to_an_end(http: httpx.Client, changing: List) -> None:
    headers = {"Authorization": f"Bearer {changing.keys['mirasvit']}"}
    with changing.lock:
        there_before = set(changing.model)
    accepted: list[int] = []
    while True:
        group = "searchCriteria[filter_groups][0][filters][0]"
        parameters = {
            f"{group}[field]": "id",
            f"{group}[value]": str(accepted[-1] if accepted else 0),
            f"{group}[condition_type]": "gt",
            "searchCriteria[sortOrders][0][field]": "id",
            "searchCriteria[sortOrders][0][direction]": "ASC",
            "searchCriteria[pageSize]": str(PER_REQUEST),
        }
        answer = http.get(PATH, params=parameters, headers=headers).json()
        accepted += [row["id"] for row in answer["items"]]
        if not answer["items"]:
            assert answer["total_count"] == 0
            break
    with changing.lock:
        there_throughout = there_before & set(changing.model)
    assert accepted == sorted(set(accepted))
    assert there_throughout <= set(accepted)
    assert len(there_throughout) > RECORDS // 2
