"""Subscribers in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from optout import number
from optout.address import Address
from optout.errors import AlreadySubscribed, Conflict
from optout.number import LIMIT
from optout.subscribers.subscriber import Confirmation, Newsletter, Page, Subscriber
from tests.support.fakes.switch import Store


class InMemorySubscribers(Store):
    """The `Subscribers` port."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[tuple[str, str], dict[int, Subscriber]] = {}
        self._newsletters: dict[tuple[str, str], Newsletter] = {}
        self._confirmations: dict[tuple[str, str, int], list[Confirmation]] = {}

    def next_number(self, workspace: str, newsletter: str) -> int:
        with self._open():
            return max(number.new(), max(self._rows.get((workspace, newsletter), {}), default=0) + 1)

    def add(self, *subscribers: Subscriber) -> None:
        with self._open():
            rows = self._rows.setdefault((subscribers[0].workspace, subscribers[0].newsletter), {})
            taken = {row.address.key_form for row in rows.values()}
            if any(one.address.key_form in taken for one in subscribers):
                raise AlreadySubscribed
            if subscribers[0].number <= max(rows, default=0):
                raise Conflict
            rows.update({one.number: one for one in subscribers})

    def change(self, before: Subscriber, after: Subscriber, confirmation: Confirmation | None = None) -> None:
        with self._open():
            there = self.numbers_of(after.workspace, [after.newsletter], after.address)
            if there.get(after.newsletter, after.number) != after.number:
                raise AlreadySubscribed
            rows = self._rows[after.workspace, after.newsletter]
            if rows.get(before.number) != before:
                raise Conflict
            if confirmation:
                self._confirm(after, confirmation)
            rows[after.number] = after

    def confirmations(
        self, workspace: str, newsletter: str, number: int, *, before: int = LIMIT, limit: int = 100
    ) -> Sequence[Confirmation]:
        with self._open():
            found = self._confirmations.get((workspace, newsletter, number), ())
            earlier = [one for one in found if one.at < before]
            return sorted(earlier, key=lambda one: one.at, reverse=True)[:limit]

    def open_newsletter(self, workspace: str, newsletter: str, sender: str = "", title: str = "") -> None:
        """Create a newsletter, or update the sender of its confirmation emails; "" leaves a value unchanged."""
        with self._open():
            self._rows.setdefault((workspace, newsletter), {})
            known = self._newsletters.get((workspace, newsletter), Newsletter(workspace, newsletter))
            said = replace(known, sender=sender or known.sender, title=title or known.title)
            self._newsletters[workspace, newsletter] = said

    def newsletter(self, workspace: str, newsletter: str) -> Newsletter | None:
        with self._open():
            return self._newsletters.get((workspace, newsletter))

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

    def newest(self, workspace: str, newsletter: str, offset: int, limit: int) -> tuple[Sequence[Subscriber], int]:
        found = list(self.walk(workspace, newsletter))
        return found[offset : offset + limit], len(found)

    def walk(self, workspace: str, newsletter: str) -> Iterable[Subscriber]:
        with self._open():
            rows = self._rows.get((workspace, newsletter), {})
            return [rows[number] for number in sorted(rows, reverse=True)]

    def _confirm(self, subscriber: Subscriber, confirmation: Confirmation) -> None:
        known = self._confirmations.setdefault((subscriber.workspace, subscriber.newsletter, subscriber.number), [])
        if any(one.at == confirmation.at for one in known):
            raise Conflict
        ip = confirmation.origin.ip
        hashed = sha256(ip.encode()).hexdigest()[:32] if ip else ""
        known.append(replace(confirmation, origin=replace(confirmation.origin, ip=hashed)))
