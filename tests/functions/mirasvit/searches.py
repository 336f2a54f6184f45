"""Searching as Magento's clients do."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.support.handlers.calls import Answer, call, load


def filters(*groups: list[tuple[str, str, str]]) -> dict[str, str]:
    """The parameters of filters, given as groups of field, condition and value."""
    words = ("field", "condition_type", "value")
    return {
        f"searchCriteria[filter_groups][{g}][filters][{f}][{word}]": text
        for g, group in enumerate(groups)
        for f, one in enumerate(group)
        for word, text in zip(words, one, strict=True)
    }


def by(field: str, direction: str = "ASC") -> dict[str, str]:
    """The parameters of one sort order."""
    return {
        "searchCriteria[sort_orders][0][field]": field,
        "searchCriteria[sort_orders][0][direction]": direction,
    }


def search(query: str | Mapping[str, Any] = "", **changes: Any) -> Answer:
    """The answer to a query string, or to parameters."""
    event = load("mirasvit.list")
    event["rawQueryString"] = query if isinstance(query, str) else urlencode(query)
    return call("mirasvit.list", event, **changes)


def emails(answer: Answer) -> list[str]:
    return [row["email"] for row in answer.json["items"]]


PREFIXES = ["/rest/V1", "/rest/default/V1", "/rest/all/V1", "/rest/store_2/V1"]


def create(**row: Any) -> Answer:
    return call("mirasvit.create", json_body={"unsubscription": {"email": "ada@reader.example"} | row})
