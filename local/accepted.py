"""What the SES stand-in has accepted, by its own ledger: the witness that is no part of the product."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from local.stack import Stack

_ROWS = 20_000


def accepted(stack: Stack, campaign: int) -> Iterator[Mapping[str, Any]]:
    """A row for each mail of a campaign, with the call that brought it and the tags that it bore."""
    after = 0
    with httpx.Client(base_url=stack.ses_url, trust_env=False, timeout=60) as client:
        while rows := _rows(client, after):
            after = rows[-1]["seq"]
            for row in rows:
                if row["kind"] == "recipient" and row["tags"].get("cid") == str(campaign):
                    yield row


def _rows(client: httpx.Client, after: int) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = (
        client.get("/_local/ledger", params={"after": after, "limit": _ROWS}).raise_for_status().json()
    )
    return rows
