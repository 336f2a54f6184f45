"""The suppression list in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from optout import number
from optout.address import Address
from optout.errors import Conflict
from optout.number import ANYWHERE, Between
from optout.origin import Origin
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import VERSIONS, Action, Change, Names, Suppression, View
from tests.support.fakes.switch import Store


class InMemorySuppressions(Store):
    """The `Suppressions` port. With ``index_lags`` the email index stands still until `catch_up`."""

    def __init__(self, *, index_lags: bool = False) -> None:
        super().__init__()
        self._index_lags = index_lags
        self._records: dict[tuple[str, int], Suppression] = {}  # in force and lifted
        self._lifted: set[tuple[str, int]] = set()
        self._index: tuple[Suppression, ...] = ()
        self._states: dict[tuple[str, str], AddressState] = {}
        self._history: dict[tuple[str, str], list[Change]] = {}

    def next_number(self, workspace: str) -> int:
        with self._open():
            return max(number.new(), self._last(workspace) + 1)

    def get(self, workspace: str, record: int) -> Suppression | None:
        with self._open():
            key = workspace, record
            return None if key in self._lifted else self._records.get(key)

    def get_many(self, workspace: str, records: Collection[int]) -> Sequence[Suppression]:
        return [found for record in records if (found := self.get(workspace, record))]

    def page(
        self, workspace: str, view: View, offset: int, limit: int, *, newest_first: bool, between: Between = ANYWHERE
    ) -> tuple[Sequence[Suppression], int]:
        found = list(self.walk(workspace, view, newest_first=newest_first, between=between))
        return found[offset : offset + limit], len(found)

    def walk(
        self, workspace: str, view: View, *, newest_first: bool, between: Between = ANYWHERE, naming: Names = ()
    ) -> Iterable[Suppression]:
        with self._open():
            found = [
                record
                for key, record in self._records.items()
                if key[0] == workspace
                and key not in self._lifted
                and between.above < record.number < between.below
                and view.shows(record.scope)
                and (not naming or record.scope.names & set(naming))
            ]
            return sorted(found, key=lambda record: record.number, reverse=newest_first)

    def for_email(self, workspace: str, address: Address) -> Sequence[Suppression]:
        with self._open():
            if not self._index_lags:
                self.catch_up()
            wanted = _key(workspace, address)
            found = (record for record in self._index if _key(record.workspace, record.address) == wanted)
            return sorted(found, key=lambda record: record.number)

    def state(self, workspace: str, address: Address) -> AddressState:
        with self._open():
            stored = self._states.get(_key(workspace, address), AddressState(workspace, address))
            return replace(stored, address=address)

    def states(self, workspace: str, addresses: Iterable[Address]) -> Mapping[Address, AddressState]:
        asked = list(addresses)
        assert len(asked) <= 100, "the port takes a hundred at a time"
        with self._open():
            return {address: self.state(workspace, address) for address in asked}

    def states_in(self, workspaces: Iterable[str], address: Address) -> Mapping[str, AddressState]:
        with self._open():
            return {workspace: self.state(workspace, address) for workspace in workspaces}

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        with self._open():
            self._check(before, change)
            address, record = _key(after.workspace, after.address), (change.record.workspace, change.record.number)
            self._states[address] = after
            if change.action is not Action.OVERRIDDEN:
                self._records[record] = change.record
            if change.action is Action.LIFTED:
                self._lifted.add(record)
            self._history.setdefault(address, []).append(replace(change, origin=_without_ip(change.origin)))

    def history(
        self, workspace: str, address: Address, *, newest_first: bool = False, below: int = VERSIONS
    ) -> Iterable[Change]:
        with self._open():
            changes = [change for change in self._history.get(_key(workspace, address), ()) if change.version < below]
            return iter(changes[::-1] if newest_first else changes)

    def history_of(self, workspace: str, record: int, *, below: int = VERSIONS) -> Iterable[Change]:
        with self._open():
            found = self._records.get((workspace, record))
            changes = self.history(workspace, found.address, newest_first=True, below=below) if found else ()
            return (change for change in changes if change.record.number == record)

    def catch_up(self) -> None:
        """Bring the email index up to date."""
        self._index = tuple(record for key, record in self._records.items() if key not in self._lifted)

    def _last(self, workspace: str) -> int:
        return max((made for owner, made in self._records if owner == workspace), default=0)

    def _check(self, before: AddressState, change: Change) -> None:
        if self.state(before.workspace, before.address).version != before.version:
            raise Conflict
        if change.action is Action.OVERRIDDEN:
            return
        key = change.record.workspace, change.record.number
        if change.action is Action.SUPPRESSED:
            if change.record.number <= self._last(change.record.workspace):
                raise Conflict
            return
        in_force = self.get(*key)
        if in_force is None or in_force.revision != change.record.revision - 1:
            raise Conflict


def _without_ip(origin: Origin) -> Origin:
    return replace(origin, ip=sha256(origin.ip.encode()).hexdigest() if origin.ip else "")


def _key(workspace: str, address: Address) -> tuple[str, str]:
    return workspace, address.key_form
