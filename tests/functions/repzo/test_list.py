"""Repzo's listing: pages, orders and filters."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from optout import number
from optout.address import Address
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions import search
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.wiring.suppressions import suppressions
from tests.functions.repzo.queries import ask
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, load, moved
from tests.support.handlers.refusals import REPZO_400

NOBODY = number.to_object_id(examples.RECORD + 77)


def emails(query: str) -> list[str]:
    """Who is found, without the example's ending."""
    answer = ask(query)
    assert answer.status == 200, answer
    return [record["email"].removesuffix("@reader.example") for record in answer.json["data"]]


def add(name: str, **body: Any) -> dict[str, Any]:
    record: dict[str, Any] = call("repzo.create", json_body={"email": f"{name}@reader.example", **body}).json["data"]
    return record


def paging(query: str) -> tuple[int, ...]:
    return tuple(ask(query).json["paging"].values())


@pytest.fixture
def five() -> list[dict[str, Any]]:
    """Five records besides that of left@reader.example, which is the oldest: carl, Bea, eve, ada and dora."""
    for name in ("carl", "Bea", "eve", "ada", "dora"):  # without five requests for each of the tests
        address, origin = Address.parse(f"{name}@reader.example"), Origin("repzo", "x")
        suppress(suppressions(), examples.WORKSPACE, address, EVERYTHING, Reason.UNSUBSCRIBED, origin)
    records: list[dict[str, Any]] = ask("sort=_id").json["data"]
    return records[1:]


@pytest.mark.usefixtures("nothing_stored")
def test_a_page_is_records_as_get_shows_them_and_the_documented_paging() -> None:
    shown = call("repzo.get").json["data"]
    paging = {"total": 1, "page": 1, "per_page": 25, "pages": 1}
    assert call("repzo.list").json == {"success": True, "data": [shown], "paging": paging}


def test_an_empty_list_has_no_pages() -> None:
    call("repzo.delete")
    assert ask().json == {"success": True, "data": [], "paging": {"total": 0, "page": 1, "per_page": 25, "pages": 0}}


def test_both_prefixes_answer() -> None:
    assert call("repzo.list", moved(load("repzo.list"), "/mail-unsubscribe")).json == call("repzo.list").json


@pytest.mark.usefixtures("five")
def test_pages_follow_each_other_and_the_last_may_be_shorter() -> None:
    assert [emails(f"per_page=4&page={page}") for page in (1, 2, 3)] == [
        ["dora", "ada", "eve", "Bea"],
        ["carl", "left"],
        [],
    ]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (6, 1, 25, 1)),
        ("per_page=6", (6, 1, 6, 1)),
        ("per_page=5&page=2", (6, 2, 5, 2)),
        ("per_page=1", (6, 1, 1, 6)),
        ("page=7&per_page=100", (6, 7, 100, 1)),
        ("page=999999999999999", (6, 999_999_999_999_999, 25, 1)),
        ("page=999999999999999&sort=email", (6, 999_999_999_999_999, 25, 1)),
        ("page=002&per_page=05", (6, 2, 5, 2)),
    ],
)
def test_the_total_is_right_on_every_page_and_behind_the_last(query: str, expected: tuple[int, ...]) -> None:
    assert paging(query) == expected


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("field", ["createdAt", "_id", "modifiedAt"])
def test_records_are_sorted_by_time_and_number(field: str) -> None:
    oldest_first = ["left", "carl", "Bea", "eve", "ada", "dora"]
    for ascending in (field, f"{field}:asc"):
        assert emails(f"sort={ascending}") == oldest_first
    for descending in (f"-{field}", f"{field}:desc", f"{field}%3Adesc"):
        assert emails(f"sort={descending}") == oldest_first[::-1]


@pytest.mark.usefixtures("five")
def test_records_are_sorted_by_address_whatever_its_letter_case() -> None:
    assert emails("sort=email") == ["ada", "Bea", "carl", "dora", "eve", "left"]
    assert emails("sort=-email&per_page=2&page=2") == ["dora", "carl"]


@pytest.mark.usefixtures("five")
def test_what_was_changed_last_is_first_by_modification_only() -> None:
    add("carl")
    assert emails("sort=-modifiedAt")[0] == "carl"
    assert emails("sort=-createdAt")[0] == "dora"


@pytest.mark.parametrize("field", ["email", "modifiedAt"])
def test_records_that_are_equal_in_an_order_stay_apart_on_its_pages(field: str) -> None:
    made = [add("ada", unsubscribe_types=[kind])["_id"] for kind in "abc"]
    call("repzo.delete")
    for sort, expected in ((field, made), (f"-{field}", made[::-1])):
        pages = [ask(f"sort={sort}&per_page=1&page={page}").json["data"][0]["_id"] for page in (1, 2, 3)]
        assert pages == expected


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("email", ["bea@reader.example", "BEA@READER.EXAMPLE", "Bea@Reader.example"])
def test_an_address_finds_its_records_whatever_its_letter_case(email: str) -> None:
    add("bea", unsubscribe_types=["marketing"])
    assert emails(f"email={quote(email)}") == ["bea", "Bea"]
    assert paging(f"email={quote(email)}&per_page=1") == (2, 1, 1, 2)


@pytest.mark.parametrize("email", ["nobody@reader.example", "far@reader.example", "left%2Btag@reader.example"])
def test_an_address_without_records_here_finds_none(email: str) -> None:
    assert paging(f"email={email}") == (0, 1, 25, 0)


@pytest.fixture
def companies() -> None:
    add("eu", company_namespace=["acme-eu"])
    add("us", company_namespace=["acme-us"])
    add("both", company_namespace=["acme-eu", "acme-us"])
    add("type", unsubscribe_types=["acme-eu"])  # the same word for something else
    add("odd", company_namespace=['a,"b"', "ä [1]"])


@pytest.mark.usefixtures("companies")
@pytest.mark.parametrize(
    "query",
    [
        'company_namespace=["acme-eu","acme-us"]',
        "company_namespace=[%22acme-eu%22,%22acme-us%22]",
        "company_namespace=acme-eu&company_namespace=acme-us",
        "company_namespace[]=acme-eu&company_namespace[]=acme-us",
        "company_namespace%5B%5D=acme-eu&company_namespace%5B%5D=acme-us",
        "company_namespace[0]=acme-eu&company_namespace[1]=acme-us",
        'company_namespace=["acme-eu"]&company_namespace[]=acme-us&company_namespace=nobody',
    ],
)
def test_every_way_to_write_an_array_means_the_same(query: str) -> None:
    assert emails(query) == ["both", "us", "eu"]


@pytest.mark.usefixtures("companies")
def test_records_that_name_any_of_the_companies_are_found() -> None:
    assert emails("company_namespace=acme-eu") == ["both", "eu"]
    assert emails("company_namespace=acme-eu&sort=email") == ["both", "eu"]
    assert emails("company_namespace=acme") == []
    assert emails(urlencode({"company_namespace": 'a,"b"'})) == ["odd"]
    assert emails(urlencode({"company_namespace": '["ä [1]"]'})) == ["odd"]


def test_ids_find_those_that_are_there(five: list[dict[str, Any]]) -> None:
    one, other = five[0]["_id"], five[3]["_id"]
    foreign = number.to_object_id(examples.OTHER_RECORD)
    assert emails(f"_id={one}") == ["carl"]
    for query in (f'_id=["{one}","{other}"]', f"_id={one}&_id={other}", f"_id[]={other}&_id[]={one.upper()}"):
        assert emails(query) == ["ada", "carl"]
    assert emails(f"_id={one}&_id={one}&_id={NOBODY}&_id={foreign}&_id=507f1f77bcf86cd799439011") == ["carl"]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    "query", ["_id=[]", "company_namespace=[]", "_id=[]&email=ada@reader.example", f"_id={NOBODY}"]
)
def test_an_array_that_names_nothing_finds_nothing(query: str) -> None:
    assert paging(query) == (0, 1, 25, 0)


def test_filters_narrow_each_other(five: list[dict[str, Any]]) -> None:
    eu = add("ada", company_namespace=["acme-eu"])["_id"]
    assert emails("email=ada@reader.example&company_namespace=acme-eu") == ["ada"]
    assert emails(f"_id={eu}&company_namespace=acme-us") == []
    assert emails(f"_id={eu}&_id={five[0]['_id']}&company_namespace=acme-eu") == ["ada"]
    assert emails(f"_id={eu}&email=carl@reader.example") == []


@pytest.mark.usefixtures("five")
def test_another_workspace_has_a_list_of_its_own() -> None:
    assert [record["email"] for record in ask(credentials=examples.OTHER_REPZO).json["data"]] == ["far@reader.example"]


def test_what_came_in_by_a_bounce_says_so() -> None:
    address, origin = Address.parse("gone@reader.example"), Origin("feedback")
    suppress(suppressions(), examples.WORKSPACE, address, EVERYTHING, Reason.BOUNCED, origin)
    assert ask("email=gone@reader.example").json["data"][0]["reason"] == "bounced"


def test_parameters_that_are_not_known_are_passed_over() -> None:
    assert emails("color=red&color=blue&ids=7&sortBy=email&&=&x[y]=1") == ["left"]


@pytest.mark.parametrize("query", ["sort=email", "sort=-modifiedAt", "company_namespace=acme-eu"])
def test_a_search_that_would_read_too_much_is_refused(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "READ", 0)
    answer = ask(query)
    assert (answer.status, answer.json) == REPZO_400
    assert emails("sort=-_id") == ["left"]


def test_only_a_search_for_an_address_needs_the_secret(aws: AWS) -> None:
    aws.lose("AddressPepper")
    assert emails("sort=email") == ["left"]
    assert ask("email=left@reader.example").status == 503
