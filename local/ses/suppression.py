"""The account-level suppression list of SES."""

import base64
import binascii
import time
from bisect import bisect_right
from collections.abc import Collection
from typing import NamedTuple

from local.ses import addresses
from local.ses.errors import BadRequest, InvalidNextToken, NotFound

MAX_PAGE = 1000


class Suppressed(NamedTuple):
    address: str
    reason: str
    at: float
    message_id: str | None = None
    feedback_id: str | None = None


class SuppressionList:
    def __init__(self) -> None:
        self._by_address: dict[str, Suppressed] = {}

    def put(self, address: str, reason: str, message_id: str | None = None, feedback_id: str | None = None) -> None:
        plain = addresses.parse(address).address.lower()
        self._by_address[plain] = Suppressed(plain, reason, time.time(), message_id, feedback_id)

    def find(self, address: str) -> Suppressed | None:
        return self._by_address.get(address.lower())

    def get(self, address: str) -> Suppressed:
        found = self.find(address)
        if found is None:
            raise NotFound(f"Email address {address} does not exist on your suppression list.")
        return found

    def delete(self, address: str) -> None:
        del self._by_address[self.get(address).address]

    def page(
        self, reasons: Collection[str], since: float | None, until: float | None, token: str | None, size: int | None
    ) -> tuple[list[Suppressed], str | None]:
        """Up to ``size`` rows, ordered by address, and the token of the next page."""
        size = MAX_PAGE if size is None else size
        if not 1 <= size <= MAX_PAGE:
            raise BadRequest(f"PageSize must be between 1 and {MAX_PAGE}.")
        ordered = sorted(self._by_address)
        start = bisect_right(ordered, _after(token)) if token else 0
        rows: list[Suppressed] = []
        for address in ordered[start:]:
            row = self._by_address[address]
            if not _wanted(row, reasons, since, until):
                continue
            if len(rows) == size:
                return rows, base64.urlsafe_b64encode(rows[-1].address.encode()).decode()
            rows.append(row)
        return rows, None


def _wanted(row: Suppressed, reasons: Collection[str], since: float | None, until: float | None) -> bool:
    if reasons and row.reason not in reasons:
        return False
    return (since is None or row.at >= since) and (until is None or row.at < until)


def _after(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError) as error:
        raise InvalidNextToken("The specified token is invalid.") from error
