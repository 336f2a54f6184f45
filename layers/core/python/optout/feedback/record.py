"""Record the provider's feedback: suppress first, then correlate with the campaign.

A bounced address is suppressed even when its email is unknown to us. That an email was accepted matters only while its
block is in doubt; that it was rejected afterwards always matters.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf

from optout.access.credential import Credentials
from optout.address import Address
from optout.campaigns.campaign import Campaigns
from optout.campaigns.ledger import DeliveryStatus
from optout.delivery.breaker import trip
from optout.delivery.event_store import EventStore, Proof
from optout.errors import BadAddress, OptoutError
from optout.feedback.policy import Effect, Verdict, judge_outcome
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Suppressions

_SECONDS_NEEDED = 20.0  # to suppress an address, and to store the proofs of the batch
SECONDS_OF_OURS = 30.0  # that other emails leave for the events of our own
_AT_ONCE = 1_000  # events whose blocks are read together


class OutOfTime(OptoutError):
    """No time is left for an event. It has to be delivered again; what is recorded of it costs no write then."""


@dataclass(frozen=True, slots=True)
class MailTags:
    """The email of an event: our tags ("" if missing), the provider's message id, the time of its acceptance (epoch
    milliseconds), and the kind of the event."""

    workspace: str = ""
    campaign: str = ""
    block: str = ""
    position: str = ""
    message_id: str = ""
    accepted: int = 0
    kind: str = ""

    @property
    def proof(self) -> Proof | None:
        """What the event proves; None for nothing, or when the email belongs to no campaign."""
        outcome = judge_outcome(self.kind, self.message_id)
        numbers = [self.campaign, *self.block.split("-"), self.position]
        is_ours = len(numbers) == 5 and all(text.isascii() and text.isdigit() and len(text) < 17 for text in numbers)
        if outcome is None or not is_ours:
            return None
        campaign, chunk, index, part, position = map(int, numbers)
        return Proof(campaign, chunk, index, part, position, outcome)


def record_sent(event_store: EventStore, mails: Iterable[MailTags]) -> int:
    """Store the send events of a file; returns how many belong to our campaigns.

    The latest event proves that events arrive, and is recorded only after all others are stored.
    """
    ours = ((mail.accepted, proof) for mail in mails if (proof := mail.proof))
    count = latest = 0
    while batch := list(islice(ours, _AT_ONCE)):
        event_store.record([proof for _, proof in batch])
        count += len(batch)
        latest = max(latest, *(accepted for accepted, _ in batch))
    if count:
        event_store.mark_alive(latest)
    return count


@dataclass(slots=True)
class Recorder:
    """The ports of this use case, and the events of the present batch."""

    suppressions: Suppressions
    campaigns: Campaigns
    credentials: Credentials
    event_store: EventStore
    _proofs: list[Proof] = field(default_factory=list, init=False)

    def record(
        self, mail: MailTags, verdicts: Sequence[tuple[str, Verdict]], seconds_left: Callable[[], float] = lambda: inf
    ) -> int:
        """Record one event; returns the number of its recipients with an invalid address. Raises `OutOfTime`.

        An email without our tags is suppressed in every workspace. That takes long where there are many, so some of the
        time is kept for our own emails.
        """
        _require(seconds_left, _SECONDS_NEEDED)
        if proof := mail.proof:
            self._proofs.append(proof)
        suppressing = [(email, verdict) for email, verdict in verdicts if verdict.effect is Effect.SUPPRESS]
        return sum(not self._suppress(mail, email, verdict, seconds_left) for email, verdict in suppressing)

    def finish(self) -> None:
        """Store the proofs of the batch, all at once to save reads. They do not prove that send events arrive: those
        take another way."""
        proofs, self._proofs = self._proofs, []
        if proofs:
            self.event_store.record(proofs)
        for number in {proof.campaign for proof in proofs if proof.outcome.status is DeliveryStatus.FAILED}:
            trip(self.campaigns, self.campaigns.get(number))

    def _suppress(self, mail: MailTags, email: str, verdict: Verdict, seconds_left: Callable[[], float]) -> bool:
        try:
            address = Address.parse(email)
        except BadAddress:
            return False
        reason, origin = verdict.reason or Reason.BOUNCED, Origin("feedback", mail.campaign)
        number = int(mail.campaign) if mail.campaign.isdigit() else None
        scope = self._topic(number) if verdict.of_topic else EVERYTHING
        if scope is None:
            return True
        for state in self._lacking(reason, scope, mail, address, seconds_left):
            suppress(self.suppressions, state.workspace, address, scope, reason, origin, why=verdict.why, before=state)
        if number is not None and verdict.counted:
            self.campaigns.record_feedback(number, mail.block, mail.position, verdict.counted.value)
            trip(self.campaigns, self.campaigns.get(number))
        return True

    def _topic(self, number: int | None) -> Scope | None:
        """What an email of a campaign was about; None if it is no campaign of ours."""
        campaign = self.campaigns.get(number) if number is not None else None
        if campaign is None:
            return None
        return Scope.of([campaign.topic]) if campaign.topic else EVERYTHING

    def _lacking(
        self, reason: Reason, scope: Scope, mail: MailTags, address: Address, seconds_left: Callable[[], float]
    ) -> Iterator[AddressState]:
        """The states of an address that lack a reason, as long as there is time. An email of ours counts in its
        workspace, whose state is guessed: most addresses are new. Any other counts in all. Their states are read at
        once, so an event that is delivered again goes on where it stopped, and costs no write where it is recorded."""
        workspaces = self.credentials.workspaces()
        if mail.workspace in workspaces:
            yield AddressState(mail.workspace, address)
            return
        _require(seconds_left, SECONDS_OF_OURS)
        for state in self.suppressions.states_in(workspaces, address).values():
            entry = state.in_force.get(scope)
            if entry is None or reason not in entry.reasons:
                _require(seconds_left, SECONDS_OF_OURS)
                yield state


def _require(seconds_left: Callable[[], float], needed: float) -> None:
    if seconds_left() < needed:
        raise OutOfTime
