"""A query that nobody could have meant is 400 in Repzo's words, never a 5xx."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optout import number
from repzo import list as endpoint
from tests.functions.repzo.queries import ask
from tests.support.handlers import examples
from tests.support.handlers.calls import call, load
from tests.support.handlers.refusals import REPZO_400

ID = number.to_object_id(examples.RECORD)
NO_NUMBERS = [
    *("", "0", "-1", "+1", "%2B1", " 1", "1 ", "1.0", "1e3", "0x1", "1_0", "abc", "null", "NaN", "[1]", "%00", "1%0A"),
    *("%D9%A3", "\u0663", "\u00b2", "%FF", "%", "9" * 16, "9" * 5_000, "0" * 5_000 + "1"),
]
NO_SORTS = [
    *("", "name", "-", "--email", "-email:asc", "email:", "email:up", "email:DESC", ":desc", "EMAIL", "email,_id"),
    *("_id ", "reason", "__v", '{"email":1}', "email%0A", "%00", "x" * 5_000),
]
NO_EMAILS = ["", "plain", "a@b", "a@b@c.example", "a%00@b.example", "\ud800@b.example", "a  b@c,example", "x" * 5_000]
NO_ARRAYS = [
    *("", "[", "[]]", '["a"', "['a']", "[7]", "[null]", "[[]]", '[{"a":1}]', '[""]', "[NaN]", "[" * 5_000),
    *('["\\ud800"]', "\ud800", '["\\u0000"]', "x" * 101, '["' + "x" * 101 + '"]', "[" + '"x",' * 50 + '"x"]'),
]
NO_IDS = ["x", ID[:-1], f"{ID}0", "g" * 24, f"{ID}%0A", f" {ID}", f'["{ID}","x"]', f'["{ID}",7]', "\u0663" * 24]
TOO_MANY_IDS = "[" + f'"{ID}",' * 1_000 + f'"{ID}"]'
BAD = [
    *(f"{name}={value}" for name in ("page", "per_page") for value in NO_NUMBERS),
    *("per_page=101", "page=1&page=2", "per_page=25&per_page=25", "page[]=x", "email=a@b.example&email=a@b.example"),
    *(f"sort={value}" for value in NO_SORTS),
    *(f"email={value}" for value in NO_EMAILS),
    *(f"company_namespace={value}" for value in NO_ARRAYS),
    *(f"_id={value}" for value in (*NO_ARRAYS, *NO_IDS, TOO_MANY_IDS)),
    *("reason=x", "createdAt=2026-08-24", "unsubscribe_types[]=all", "ip_address=203.0.113.9"),
    *(f"_id={ID}&_id[]=x", "x=1&" * 1_001),
]
VALUES = st.one_of(
    st.text(alphabet=st.characters(), max_size=30),
    st.sampled_from([ID, f'["{ID}"]', "left@reader.example", "1", "25", "-email", "createdAt:desc", "[]", "acme-eu"]),
    st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)).map(str),
)
NAMES = st.sampled_from(["page", "per_page", "sort", "email", "company_namespace", "_id", "ids", ""])
PAIRS = st.lists(st.tuples(NAMES, st.sampled_from(["", "[]", "%5B%5D", "[0]", "[", "[a]"]), VALUES), max_size=6)
QUERIES = st.one_of(
    st.text(alphabet=st.characters(), max_size=60),
    PAIRS.map(lambda pairs: "&".join(f"{name}{brackets}={value}" for name, brackets, value in pairs)),
)


def shortened(query: str) -> str:
    return query.encode("unicode_escape").decode()[:40]


def test_the_plus_sign_of_an_address_may_arrive_as_a_space() -> None:
    call("repzo.create", json_body={"email": "ada+news@reader.example"})
    for spelling in ("ada+news", "ada%20news", "ada%2Bnews"):
        assert ask(f"email={spelling}@reader.example").json["paging"]["total"] == 1


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("query", BAD, ids=shortened)
def test_a_bad_parameter_is_refused(query: str) -> None:
    answer = ask(query)
    assert (answer.status, answer.json) == REPZO_400


@settings(max_examples=8 * settings().max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES)
def test_any_query_is_answered_or_refused(query: str) -> None:
    answer = ask(query)
    assert answer.status == 200 or (answer.status, answer.json) == REPZO_400


def test_a_thousand_ids_are_taken() -> None:
    ids = ",".join(f'"{number.to_object_id(examples.RECORD + more)}"' for more in range(1_000))
    assert ask(f"_id=[{ids}]").json["paging"]["total"] == 1


def test_fifty_companies_of_a_hundred_characters_are_taken() -> None:
    names = ",".join(f'"{company:0100d}"' for company in range(50))
    assert ask(f"company_namespace=[{names}]").json["paging"]["total"] == 0


def test_there_need_be_no_query_at_all() -> None:
    event = load("repzo.list")
    del event["rawQueryString"], event["queryStringParameters"]
    assert call("repzo.list", event).status == 200


def test_the_document_shows_every_parameter_with_its_bounds() -> None:
    document = endpoint.app.get_openapi_schema(title="", version="").model_dump(by_alias=True, exclude_none=True)
    for path in ("/v1/mail-unsubscribe", "/mail-unsubscribe"):
        parameters = {made["name"]: made["schema"] for made in document["paths"][path]["get"]["parameters"]}
        assert list(parameters) == ["page", "per_page", "sort", "email", "company_namespace", "_id"]
        assert (parameters["per_page"]["minimum"], parameters["per_page"]["maximum"]) == (1, 100)
        assert (parameters["_id"]["type"], parameters["_id"]["maxItems"]) == ("array", 1_000)
