"""Asking for Repzo's list."""

from typing import Any

from tests.support.handlers.calls import Answer, call, load


def ask(query: str = "", **changes: Any) -> Answer:
    return call("repzo.list", load("repzo.list") | {"rawQueryString": query}, **changes)
