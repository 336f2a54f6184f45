"""searchCriteria as clients spell it, and what is refused."""

from urllib.parse import parse_qsl

import pytest

from mirasvit.search import criteria
from mirasvit.search.criteria import SearchCriteria, SortOrder
from optout.errors import Invalid
from tests.functions.mirasvit.search.rows import one

FILTER = "searchCriteria[filter_groups][0][filters][0]"


def read(query: str) -> SearchCriteria:
    return criteria.read(parse_qsl(query, keep_blank_values=True))


def refusal(query: str) -> tuple[str, str]:
    """The kind of the problem, and what it names."""
    with pytest.raises(Invalid) as caught:
        read(query)
    (problem,) = caught.value.problems
    return problem.kind, problem.path


@pytest.mark.parametrize(
    "query", ["", "searchCriteria=", "searchCriteria=all", "search_criteria", "fields=items[id]", "x=1"]
)
def test_no_criteria_are_criteria_for_everything(query: str) -> None:
    assert read(query) == SearchCriteria([], [])


@pytest.mark.parametrize("root", ["searchCriteria", "search_criteria"])
@pytest.mark.parametrize("groups", ["filter_groups", "filterGroups"])
@pytest.mark.parametrize("kind", ["condition_type", "conditionType"])
def test_words_may_be_in_camel_case_or_in_snake_case(root: str, groups: str, kind: str) -> None:
    start = f"{root}[{groups}][0][filters][0]"
    query = f"{start}[field]=email&{start}[value]=a&{start}[{kind}]=neq&{root}[pageSize]=2&{root}[current_page]=3"
    assert read(query) == SearchCriteria([[one("email", "neq", "a")]], [], 2, 3)


def test_both_spellings_may_be_mixed_within_one_filter() -> None:
    query = (
        "searchCriteria[filterGroups][0][filters][0][field]=id&search_criteria[filter_groups][0][filters][0][value]=5"
        "&searchCriteria[filter_groups][0][filters][0][conditionType]=gt"
    )
    assert read(query).groups == [[one("id", "gt", "5")]]


def test_brackets_may_be_escaped() -> None:
    query = f"{FILTER}[field]=id&{FILTER}[value]=5".replace("[", "%5B").replace("]", "%5D")
    assert read(query).groups == [[one("id", "eq", "5")]]


@pytest.mark.parametrize("condition", ["", f"&{FILTER}[condition_type]="])
def test_a_filter_without_a_condition_is_an_equation(condition: str) -> None:
    assert read(f"{FILTER}[field]=id&{FILTER}[value]=5{condition}").groups == [[one("id", "eq", "5")]]


@pytest.mark.parametrize(("first", "second"), [("0", "1"), ("7", "3"), ("a", "b"), ("-1", "x y"), ("", "")])
def test_indices_may_be_any_keys(first: str, second: str) -> None:
    words = "searchCriteria[filter_groups][{}][filters][{}]"
    group = words.format("5", first), words.format("5", second)
    if first == second:  # PHP's next index: each name is a filter of its own
        assert refusal(f"{group[0]}[field]=id&{group[1]}[value]=1") == ("missing", "value")
        return
    query = f"{group[0]}[field]=id&{group[0]}[value]=1&{group[1]}[field]=id&{group[1]}[value]=2"
    assert {filter_.value for filter_ in read(query).groups[0]} == {"1", "2"}


def test_sort_orders_count_in_the_order_of_their_indices() -> None:
    query = "&".join(f"searchCriteria[sortOrders][{n}][field]={field}" for n, field in ((10, "id"), (2, "email")))
    assert [order.field for order in read(query).sort_orders] == ["email", "id"]


@pytest.mark.parametrize(
    ("direction", "descending"), [("&x", True), ("=ASC", False), ("=asc", False), ("=DESC", True), ("=Desc", True)]
)
def test_a_direction_may_be_in_any_letter_case_and_is_otherwise_descending(direction: str, descending: bool) -> None:
    query = f"searchCriteria[sort_orders][0][field]=id&searchCriteria[sort_orders][0][direction]{direction}"
    query = query.replace("[direction]&x", "[field]=id")
    assert read(query).sort_orders == [SortOrder(criteria.Field.ID, descending)]


@pytest.mark.parametrize("direction", ["", "up", "1", "ASC "])
def test_another_direction_is_refused(direction: str) -> None:
    query = f"searchCriteria[sort_orders][0][field]=id&searchCriteria[sort_orders][0][direction]={direction}"
    assert refusal(query) == ("sort_direction", "direction")


@pytest.mark.parametrize(
    ("query", "kind", "name"),
    [
        (f"{FILTER}[field]=password&{FILTER}[value]=1", "unknown_field", "password"),
        (f"{FILTER}[field]=id OR 1=1&{FILTER}[value]=1", "unknown_field", "id OR 1=1"),
        (f"{FILTER}[field]=Email&{FILTER}[value]=1", "unknown_field", "Email"),
        ("searchCriteria[sort_orders][0][field]=name", "unknown_field", "name"),
        (f"{FILTER}[field]=id&{FILTER}[value]=1&{FILTER}[condition_type]=regexp", "unknown_condition", "regexp"),
        (f"{FILTER}[field]=id&{FILTER}[value]=1&{FILTER}[condition_type]=EQ", "unknown_condition", "EQ"),
        (f"{FILTER}[field]=id&{FILTER}[condition_type]=eq", "missing", "value"),
        (f"{FILTER}[value]=1", "missing", "field"),
        (f"{FILTER}[field]=&{FILTER}[value]=1", "missing", "field"),
        ("searchCriteria[sort_orders][0][direction]=ASC", "missing", "field"),
        ("filter_groups[0][filters][0][field]=id", "missing", "searchCriteria"),
        (f"{FILTER}[field][]=id", "string_type", "field"),
        (f"{FILTER}[field]=id&{FILTER}[value][]=1&{FILTER}[condition_type]=in", "string_type", "value"),
        (f"{FILTER}[fields]=id", "unknown_parameter", "fields"),
        ("searchCriteria[filterGroup][0]=1", "unknown_parameter", "filter_group"),
        ("searchCriteria[filter_groups][0][filter][0][field]=id", "unknown_parameter", "filter"),
        ("searchCriteria[filter_groups]=1", "array_type", "filter_groups"),
        ("searchCriteria[filter_groups][0]=1", "array_type", "filter_groups"),
        ("searchCriteria[filter_groups][0][filters]=1", "array_type", "filters"),
        (FILTER + "=1", "array_type", "filters"),
        ("searchCriteria[sort_orders][0]=id", "array_type", "sort_orders"),
        ("searchCriteria[page_size]=ten", "int_type", "page_size"),
        ("searchCriteria[page_size]=-1", "int_type", "page_size"),
        ("searchCriteria[page_size]=1.5", "int_type", "page_size"),
        ("searchCriteria[page_size]=" + "9" * 5000, "int_type", "page_size"),
        ("searchCriteria[page_size][]=1", "string_type", "page_size"),
        ("searchCriteria[current_page]=1e3", "int_type", "current_page"),
        ("searchCriteria[page_size", "unknown_parameter", "searchCriteria[page_size"),
        ("searchCriteria[page_size]x[y]=1", "unknown_parameter", "searchCriteria[page_size]x[y]"),
        ("searchCriteria" + "[x]" * 900 + "=1", "unknown_parameter", ("searchCriteria" + "[x]" * 900)[:100]),
    ],
)  # fmt: skip
def test_what_is_not_in_the_language_is_refused_by_its_name(query: str, kind: str, name: str) -> None:
    assert refusal(query) == (kind, name)


@pytest.mark.parametrize(
    "query",
    ["searchCriteria[filter_groups]=", "searchCriteria[filter_groups][0][filters]=", "searchCriteria[sort_orders]="],
)
def test_an_empty_list_is_no_list(query: str) -> None:
    assert read(query) == SearchCriteria([], [])


@pytest.mark.parametrize("condition", ["null", "notnull"])
def test_null_needs_no_value(condition: str) -> None:
    query = f"{FILTER}[field]=id&{FILTER}[condition_type]={condition}"
    assert read(query).groups == [[one("id", condition, None)]]


@pytest.mark.parametrize(
    ("words", "offset"), [("", 0), ("2 0", 0), ("2 -7", 0), ("2 1", 0), ("2 3", 4), ("0 3", 0), (" 3", 0)]
)
def test_a_page_below_one_is_the_first_and_without_a_size_there_is_one_page(words: str, offset: int) -> None:
    size, _, current = words.partition(" ")
    read_ = read(f"searchCriteria[page_size]={size}&searchCriteria[current_page]={current}")
    assert read_.offset == offset


def test_the_echo_is_in_snake_case_with_texts_for_values_and_new_indices() -> None:
    query = (
        "searchCriteria[filterGroups][7][filters][x][field]=trigger_id&searchCriteria[filterGroups][7][filters][x][value]=0"
        "&searchCriteria[sortOrders][3][field]=id&searchCriteria[sortOrders][3][direction]=asc"
        "&searchCriteria[pageSize]=20&searchCriteria[currentPage]=1"
    )
    assert read(query).echo == {
        "filter_groups": [{"filters": [{"field": "trigger_id", "value": "0", "condition_type": "eq"}]}],
        "sort_orders": [{"field": "id", "direction": "ASC"}],
        "page_size": 20,
        "current_page": 1,
    }
    assert list(read(query).echo) == ["filter_groups", "sort_orders", "page_size", "current_page"]
    assert list(read(query).echo["filter_groups"][0]["filters"][0]) == ["field", "value", "condition_type"]


def test_the_echo_leaves_out_what_was_not_given() -> None:
    assert read("").echo == {"filter_groups": []}
    filter_ = read(f"{FILTER}[field]=id&{FILTER}[condition_type]=null").echo["filter_groups"][0]["filters"][0]
    assert filter_ == {"field": "id", "condition_type": "null"}
