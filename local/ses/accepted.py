"""Reads the ledger of a running stand-in: accepted recipients, independent of the records of the sender."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

_ROWS = 20_000


def accepted(ses_url: str, **tags: str) -> Iterator[Mapping[str, Any]]:
    """One ledger row for each accepted recipient whose message has all of these tags, oldest first."""
    after = 0
    with httpx.Client(base_url=ses_url, trust_env=False, timeout=60) as client:
        while rows := _rows(client, after):
            after = rows[-1]["seq"]
            for row in rows:
                if row["kind"] == "recipient" and tags.items() <= row["tags"].items():
                    yield row


def _rows(client: httpx.Client, after: int) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = (
        client.get("/_local/ledger", params={"after": after, "limit": _ROWS}).raise_for_status().json()
    )
    return rows
