"""Any query string gives 200 or 400."""

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirasvit.search.criteria import Condition, Field
from tests.functions.mirasvit.searches import search

WORDS = """None 0 -1 1e309 NaN 2026-08-24 9999-12-31 0000-00-00 % \\ a@b.example 0001-01-01T00:00:00+23:59
    9999-12-31T23:59:59-23:59 ,,, (?>a [ null é"""
TEXTS = st.text(max_size=12) | st.sampled_from(["", "9" * 30, "\0", "\ud800", *WORDS.split()])
INDEX = st.sampled_from(["0", "1", "x", "", "-1", "9" * 30])
ROOT = st.sampled_from(["searchCriteria", "search_criteria", "searchcriteria"])
FILTER = st.builds(
    "{}[{}][{}][filters][{}][{}]".format,
    ROOT,
    st.sampled_from(["filter_groups", "filterGroups"]),
    INDEX,
    INDEX,
    st.sampled_from(["field", "value", "condition_type", "conditionType"]),
)
SORT = st.builds(
    "{}[{}][{}][{}]".format, ROOT, st.sampled_from(["sortOrders"]), INDEX, st.sampled_from(["field", "direction"])
)
PAGE = st.builds("{}[{}]".format, ROOT, st.sampled_from(["page_size", "currentPage"]))
NAMES = FILTER | SORT | PAGE | st.just("fields") | st.text("sC[]_f01", max_size=20)
VALUES = TEXTS | st.sampled_from([*Field, *Condition, "regexp", "ASC", "desc", "items[id],total_count"])


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_parameters_give_rows_or_a_reason(pairs: list[tuple[str, str]], escaped: bool) -> None:
    def written(text: str) -> str:
        return quote(text, errors="surrogatepass") if escaped else text

    check("&".join(f"{written(name)}={written(value)}" for name, value in pairs))


@given(st.lists(st.tuples(st.sampled_from(Field), st.sampled_from(Condition), TEXTS), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_value_gives_rows_or_a_reason(filters: list[tuple[Field, Condition, str]]) -> None:
    words = "searchCriteria[filterGroups][{}][filters][0][{}]={}"
    query = "&".join(
        words.format(n, word, quote(text, errors="surrogatepass"))
        for n, one in enumerate(filters)
        for word, text in zip(("field", "conditionType", "value"), one, strict=True)
    )
    check(query)


@given(st.text(max_size=40) | st.binary(max_size=40).map(quote))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_gives_rows_or_a_reason(query: str) -> None:
    check(query)


def check(query: str) -> None:
    answer = search(query)
    assert answer.status in (200, 400)
    assert answer.json.keys() <= {"items", "search_criteria", "total_count", "message", "parameters", "errors"}
