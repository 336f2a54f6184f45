"""Campaigns and their ledgers in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from optout.address import Address
from optout.campaign import Block, Campaign, Chunk, Claim, Cursor, Fate, LedgerEntry, Outcome, State
from optout.errors import Conflict
from tests.fakes.switch import Store

Outcomes = Mapping[int, Outcome]
Place = tuple[int, int, int]


class InMemoryCampaigns(Store):
    """The `Campaigns` port. A block that is claimed and not settled has the outcomes None."""

    def __init__(self) -> None:
        super().__init__()
        self._campaigns: dict[int, Campaign] = {}
        self._content: dict[int, Mapping[str, str]] = {}
        self._chunks: dict[tuple[int, int], Chunk] = {}
        self._persons: dict[tuple[int, str], int] = {}
        self._blocks: dict[int, dict[Place, Outcomes | None]] = {}
        self._feedback: set[tuple[int, str, str, str]] = set()

    def create(self, campaign: Campaign, content: Mapping[str, str]) -> None:
        with self._open():
            if campaign.number in self._campaigns:
                raise Conflict
            self._campaigns[campaign.number] = replace(campaign, counters={"audience": 0})
            self._content[campaign.number] = dict(content)

    def get(self, number: int) -> Campaign | None:
        with self._open():
            return self._campaigns.get(number)

    def content(self, number: int) -> Mapping[str, str]:
        with self._open():
            return self._content.get(number, {})

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        with self._open():
            return self._chunks.setdefault((number, chunk.index), chunk)

    def chunk(self, number: int, index: int) -> Chunk | None:
        with self._open():
            return self._chunks.get((number, index))

    def take_person(self, number: int, chunk: int, address: Address) -> bool:
        with self._open():
            return self._persons.setdefault((number, address.key_form), chunk) == chunk

    def advance(self, number: int, before: Cursor, chunk: Chunk) -> bool:
        with self._open():
            campaign = self._campaigns.get(number)
            if campaign is None or campaign.cursor != before or not campaign.state.may_send:
                return False
            self._count(number, {"audience": len(chunk.recipients)})
            self._change(number, cursor=chunk.next, chunks=chunk.index + 1, state=State.SENDING)
            return True

    def claim(self, number: int, block: Block) -> Claim:
        with self._open():
            blocks = self._blocks.setdefault(number, {})
            if _place(block) in blocks:
                return Claim(False, blocks[_place(block)] or {})
            blocks[_place(block)] = None
            return Claim(True)

    def settle(self, number: int, block: Block, outcomes: Outcomes) -> bool:
        with self._open():
            blocks = self._blocks.setdefault(number, {})
            if blocks.get(_place(block), {}) is not None:
                return False
            blocks[_place(block)] = dict(outcomes)
            final = [outcome for outcome in outcomes.values() if outcome.fate is not Fate.AGAIN]
            reasons = [f"skipped_{outcome.detail}" for outcome in final if outcome.fate is Fate.SKIPPED]
            self._count(number, Counter([outcome.fate.value for outcome in final] + reasons))
            return True

    def release(self, number: int, block: Block) -> None:
        with self._open():
            blocks = self._blocks.setdefault(number, {})
            if blocks.get(_place(block), {}) is None:
                del blocks[_place(block)]

    def cancel(self, number: int) -> bool:
        with self._open():
            return self._end(number, State.CANCELLED, State.ACCEPTED, State.SENDING, State.PAUSED)

    def pause(self, number: int) -> None:
        """Stop a campaign for now."""
        with self._open():
            self._change(number, state=State.PAUSED)

    def finish(self, number: int) -> bool:
        with self._open():
            campaign = self._campaigns.get(number)
            if campaign is None or campaign.cursor is not None or campaign.accounted != campaign.counters["audience"]:
                return False
            return self._end(number, State.FINISHED, State.ACCEPTED, State.SENDING)

    def record_feedback(self, number: int, block: str, index: str, kind: str) -> bool:
        with self._open():
            key = number, block, index, kind
            if number not in self._campaigns or key in self._feedback:
                return False
            self._feedback.add(key)
            self._count(number, {kind: 1})
            return True

    def ledger(self, number: int) -> Iterator[LedgerEntry]:
        with self._open():
            settled: dict[tuple[int, int], Outcome] = {}
            for place, outcomes in sorted(self._blocks.get(number, {}).items()):
                settled |= {(place[0], position): outcome for position, outcome in (outcomes or {}).items()}
            chunks = sorted((index, chunk) for (owner, index), chunk in self._chunks.items() if owner == number)
        for index, chunk in chunks:
            for position, recipient in enumerate(chunk.recipients):
                found = settled.get((index, position))
                yield LedgerEntry(recipient, found.fate if found else None, found.detail if found else "")

    def _end(self, number: int, state: State, *allowed: State) -> bool:
        campaign = self._campaigns.get(number)
        if campaign is None or campaign.state not in allowed:
            return False
        self._change(number, state=state)
        return True

    def _change(self, number: int, **fields: object) -> None:
        self._campaigns[number] = replace(self._campaigns[number], **fields)  # type: ignore[arg-type]

    def _count(self, number: int, added: Mapping[str, int]) -> None:
        if number in self._campaigns:
            total = Counter(self._campaigns[number].counters)
            total.update(added)
            self._change(number, counters=dict(total))


def _place(block: Block) -> Place:
    return block.chunk, block.index, block.part
