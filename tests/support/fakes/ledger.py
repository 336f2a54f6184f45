"""Ledgers of campaigns in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from optout import clock
from optout.address import Address
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import (
    Block,
    Chunk,
    Claim,
    Doubt,
    LedgerEntry,
    Outcomes,
    Row,
    entries,
)
from optout.campaigns.outcomes import corrections, count, recount
from tests.support.fakes.switch import Store

Place = tuple[int, int, int]


class InMemoryLedger(Store):
    """The `Ledger` port."""

    def __init__(self) -> None:
        super().__init__()
        self._campaigns: dict[int, Campaign] = {}
        self._chunks: dict[tuple[int, int], Chunk] = {}
        self._open_chunks: set[tuple[int, int]] = set()
        self._persons: dict[tuple[int, str], int] = {}
        self._rows: dict[int, dict[Place, Row]] = {}
        self._marks: dict[tuple[int, Place], str] = {}
        self._doubts: dict[tuple[int, int], int] = {}
        self._claims = 0

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        with self._open():
            return self._chunks.setdefault((number, chunk.index), chunk)

    def chunk(self, number: int, index: int) -> Chunk | None:
        with self._open():
            return self._chunks.get((number, index))

    def take_person(self, number: int, chunk: int, address: Address) -> bool:
        with self._open():
            return self._persons.setdefault((number, address.key_form), chunk) == chunk

    def open_chunks(self, number: int, limit: int) -> Sequence[int]:
        with self._open():
            return sorted(index for owner, index in self._open_chunks if owner == number)[:limit]

    def close_chunk(self, number: int, chunk: int) -> None:
        with self._open():
            self._open_chunks.discard((number, chunk))

    def rows(self, number: int, chunk: int) -> Sequence[Row]:
        with self._open():
            found = self._rows.get(number, {})
            return [found[place] for place in sorted(found) if place[0] == chunk]

    def claim(self, number: int, block: Block) -> Claim:
        with self._open():
            return self._claim(number, block)

    def settle(self, number: int, block: Block, outcomes: Outcomes, *, closes: bool = False) -> bool:
        with self._open():
            rows = self._rows.get(number, {})
            row = rows.get(place(block))
            if row is None or row.is_settled or number not in self._campaigns:
                return False
            settled = {**outcomes, **corrections(outcomes, row.proven)}
            rows[place(block)] = replace(row, outcomes=settled, proven={})
            self._add(number, count(settled))
            if closes:
                self.close_chunk(number, block.chunk)
            return True

    def settle_and_claim(self, number: int, block: Block, outcomes: Outcomes, following: Block) -> Claim:
        with self._open():
            return self._claim(number, following) if self.settle(number, block, outcomes) else Claim(False)

    def release(self, number: int, block: Block, mark: str) -> None:
        with self._open():
            rows = self._rows.get(number, {})
            row = rows.get(place(block))
            if row and not row.is_settled and self._marks[number, place(block)] == mark:
                del rows[place(block)]

    def doubt(self, number: int, chunk: int) -> None:
        with self._open():
            self._doubts[number, chunk] = clock.now()

    def doubts(self, number: int) -> Sequence[Doubt]:
        with self._open():
            return [Doubt(chunk, at) for (owner, chunk), at in sorted(self._doubts.items()) if owner == number]

    def forget(self, number: int, doubt: Doubt) -> None:
        with self._open():
            if self._doubts.get((number, doubt.chunk)) == doubt.at:
                del self._doubts[number, doubt.chunk]

    def ledger(self, number: int) -> Iterator[LedgerEntry]:
        with self._open():
            chunks = sorted((index, chunk) for (owner, index), chunk in self._chunks.items() if owner == number)
        for index, chunk in chunks:
            yield from entries(chunk, self.rows(number, index))

    def see(self, number: int, at: Place, proven: Outcomes) -> bool:
        """Store what events prove about a block that is not settled, or correct a settled one."""
        with self._open():
            rows = self._rows.get(number, {})
            row = rows.get(at)
            if row is None:
                return False
            if row.outcomes is None:
                new = {p: one for p, one in proven.items() if p not in row.proven or one.overrules(row.proven[p])}
                rows[at] = replace(row, proven={**row.proven, **new})
                return True
            corrected = corrections(row.outcomes, proven)
            rows[at] = replace(row, outcomes={**row.outcomes, **corrected})
            self._add(number, recount(row.outcomes, corrected))
            return bool(corrected)

    def _claim(self, number: int, block: Block) -> Claim:
        campaign, rows = self._campaigns.get(number), self._rows.setdefault(number, {})
        if campaign is None or not campaign.state.may_send or place(block) in rows:
            return Claim(False)
        self._claims += 1
        mark = str(self._claims)
        rows[place(block)] = Row(replace(block, positions=tuple(block.positions)), clock.now())
        self._marks[number, place(block)] = mark
        return Claim(True, mark)

    def _add(self, number: int, added: Mapping[str, int]) -> None:
        campaign = self._campaigns[number]
        total = Counter(campaign.counters)
        total.update(added)
        self._campaigns[number] = replace(campaign, counters=dict(total), progress=clock.now())


def place(block: Block) -> Place:
    return block.chunk, block.index, block.part
