"""Campaigns and their ledgers in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from optout import clock
from optout.campaigns.campaign import Campaign, IdempotencyKey, Parking, State
from optout.campaigns.ledger import Chunk, Cursor
from optout.campaigns.ramp import Ramp
from optout.errors import Conflict
from tests.support.fakes.ledger import InMemoryLedger


class InMemoryCampaigns(InMemoryLedger):
    """The `Campaigns` port."""

    def __init__(self) -> None:
        super().__init__()
        self._content: dict[int, Mapping[str, str]] = {}
        self._unended: set[int] = set()
        self._requests: dict[str, tuple[IdempotencyKey, int]] = {}
        self._feedback: set[tuple[int, str, str, str]] = set()

    def create(self, campaign: Campaign, content: Mapping[str, str], request: IdempotencyKey | None = None) -> None:
        with self._open():
            if campaign.number in self._campaigns or (request and request.key in self._requests):
                raise Conflict
            if request:
                self._requests[request.key] = request, campaign.number
            self._campaigns[campaign.number] = replace(campaign, counters={"audience": 0}, progress=clock.now())
            self._content[campaign.number] = dict(content)
            self._unended.add(campaign.number)

    def find_by_key(self, key: str) -> tuple[IdempotencyKey, int] | None:
        with self._open():
            return self._requests.get(key)

    def newest(self, workspace: str, before: int, limit: int) -> Sequence[Campaign]:
        with self._open():
            found = (c for c in self._campaigns.values() if c.workspace == workspace and c.number < before)
            return sorted(found, key=lambda campaign: campaign.number, reverse=True)[:limit]

    def get(self, number: int) -> Campaign | None:
        with self._open():
            return self._campaigns.get(number)

    def content(self, number: int) -> Mapping[str, str]:
        with self._open():
            return self._content.get(number, {})

    def with_chunk(self, number: int, index: int) -> tuple[Campaign | None, Chunk | None]:
        with self._open():
            return self._campaigns.get(number), self._chunks.get((number, index))

    def unended(self, workspace: str = "") -> Sequence[int]:
        with self._open():
            return sorted(at for at in self._unended if workspace in ("", self._campaigns[at].workspace))

    def advance(self, number: int, before: Cursor, chunk: Chunk) -> bool:
        with self._open():
            campaign = self._campaigns.get(number)
            if campaign is None or campaign.cursor != before or not campaign.state.may_send:
                return False
            self._add(number, {"audience": len(chunk.recipients)})
            state = State.SENDING if chunk.next is None else State.EXPANDING
            self._change(number, cursor=chunk.next, chunks=chunk.index + 1, state=state)
            if chunk.recipients:
                self._open_chunks.add((number, chunk.index))
            return True

    def move(
        self,
        campaign: Campaign,
        to: State,
        parking: Parking | None = None,
        excused: Mapping[str, int] | None = None,
    ) -> bool:
        with self._open():
            found = self._campaigns.get(campaign.number)
            if found is None or found.state is not campaign.state:
                return False
            if to.may_send and found.cursor != campaign.cursor:
                return False
            self._change(campaign.number, state=to, parking=parking)
            if excused is not None:
                self._change(campaign.number, excused=dict(excused))
            if to.may_send:
                self._change(campaign.number, progress=clock.now())
            return True

    def widen(self, campaign: Campaign, ramp: Ramp) -> bool:
        with self._open():
            found = self._campaigns[campaign.number]
            if found.ramp != campaign.ramp or not found.state.may_send:
                return False
            self._change(campaign.number, ramp=ramp)
            return True

    def finish(self, number: int) -> bool:
        with self._open():
            campaign = self._campaigns.get(number)
            if campaign is None or campaign.state is not State.SENDING or campaign.pending:
                return False
            self._change(number, state=State.FINISHED)
            self._unended.discard(number)
            return True

    def note_enqueued(self, campaign: Campaign, now: int) -> bool:
        with self._open():
            found = self._campaigns[campaign.number]
            if found.enqueued_at != campaign.enqueued_at or not found.state.may_send:
                return False
            attempts = campaign.attempts + 1 if campaign.enqueued_at > campaign.progress else 1
            self._change(campaign.number, enqueued_at=now, attempts=attempts)
            return True

    def retire(self, number: int) -> None:
        with self._open():
            if number in self._campaigns and self._campaigns[number].state is State.CANCELLED:
                self._unended.discard(number)

    def record_feedback(self, number: int, block: str, index: str, kind: str) -> bool:
        with self._open():
            key = number, block, index, kind
            if number not in self._campaigns or key in self._feedback:
                return False
            self._feedback.add(key)
            campaign = self._campaigns[number]
            counted = {**campaign.counters, kind: campaign.counters.get(kind, 0) + 1}
            self._change(number, counters=counted)
            return True

    def _change(self, number: int, **fields: object) -> None:
        self._campaigns[number] = replace(self._campaigns[number], **fields)  # type: ignore[arg-type]
