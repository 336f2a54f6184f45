"""Subscribers in memory."""

from collections.abc import Iterable, Mapping, Sequence

from optout.address import Address
from optout.errors import AlreadySubscribed, Conflict
from optout.subscriber import Page, Subscriber
from tests.fakes.switch import Store


class InMemorySubscribers(Store):
    """The `Subscribers` port."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[tuple[str, str], dict[int, Subscriber]] = {}

    def add(self, subscriber: Subscriber) -> None:
        with self._open():
            rows = self._rows.setdefault((subscriber.workspace, subscriber.newsletter), {})
            if any(row.address.key_form == subscriber.address.key_form for row in rows.values()):
                raise AlreadySubscribed
            if subscriber.number in rows:
                raise Conflict
            rows[subscriber.number] = subscriber

    def open_newsletter(self, workspace: str, newsletter: str) -> None:
        """Make a newsletter known; it may be known already."""
        with self._open():
            self._rows.setdefault((workspace, newsletter), {})

    def get(self, workspace: str, newsletter: str, number: int) -> Subscriber | None:
        with self._open():
            return self._rows.get((workspace, newsletter), {}).get(number)

    def find(self, workspace: str, number: int) -> Subscriber | None:
        with self._open():
            found = (self.get(workspace, newsletter, number) for newsletter in self.newsletters(workspace))
            return next(filter(None, found), None)

    def for_email(self, workspace: str, address: Address) -> Subscriber | None:
        with self._open():
            numbers = self.numbers_of(workspace, self.newsletters(workspace), address)
            return next((self.get(workspace, name, number) for name, number in sorted(numbers.items())), None)

    def numbers_of(self, workspace: str, newsletters: Iterable[str], address: Address) -> Mapping[str, int]:
        with self._open():
            return {
                name: row.number
                for name in newsletters
                for row in self._rows.get((workspace, name), {}).values()
                if row.address.key_form == address.key_form
            }

    def newsletters(self, workspace: str) -> Sequence[str]:
        with self._open():
            return sorted(name for owner, name in self._rows if owner == workspace)

    def page(self, workspace: str, newsletter: str, after: int, before: int, limit: int) -> Page:
        with self._open():
            rows = self._rows.get((workspace, newsletter), {})
            found = [rows[number] for number in sorted(rows) if after < number < before]
            shown = found[:limit]
            return Page(shown, shown[-1].number if len(found) > limit else None)
