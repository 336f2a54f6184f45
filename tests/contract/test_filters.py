"""A list refuses a filter that it does not have, and a query that is not UTF-8: never an empty or a whole list."""

import pytest

from tests.support.handlers.calls import call, load
from tests.support.template import functions, in_template, module_of

# Each list with a field of its rows that it cannot be filtered by.
LISTS = {
    "repzo.list": "reason",
    "letterbucket.list": "email",
    "mirasvit.list": "email",
    "native.campaigns.list": "state",
    "native.campaigns.deliveries": "email",
    "native.imports.rejected": "reason",
    "native.subscribers.confirmations": "email",
    "native.suppressions.history": "reason",
    "native.suppressions.explain": "reason",
    "native.suppressions.explain_by_path": "reason",
}
ONE_THING = {  # its answer has no rows to be filtered
    *("repzo.get", "letterbucket.get", "mirasvit.get", "native.campaigns.get", "native.imports.get"),
    "mirasvit.websites",  # always one row, and the same
    *("links.unsubscribe_page", "links.mailer", "links.confirm_page", "gateway.docs", "gateway.openapi"),
}


def test_every_get_is_a_list_of_this_table_or_answers_with_one_thing() -> None:
    reading = {
        module_of(function["Handler"])
        for function in functions().values()
        if any(method == "GET" for method, _ in in_template(function))
    }
    assert reading == {*LISTS, *ONE_THING}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("function", "name"), LISTS.items())
@pytest.mark.parametrize("value", ["x", "", "%FF"])
def test_a_filter_that_a_list_lacks_is_refused(function: str, name: str, value: str) -> None:
    event = load(function)
    event["rawQueryString"] = "&".join(filter(None, [event["rawQueryString"], f"{name}={value}"]))
    event.setdefault("queryStringParameters", {})[name] = value
    assert call(function, event).status == 400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("function", LISTS)
def test_a_query_that_is_not_utf_8_is_refused(function: str) -> None:
    event = load(function)
    event["rawQueryString"] += "&unknown=%FF"
    assert call(function, event).status == 400
