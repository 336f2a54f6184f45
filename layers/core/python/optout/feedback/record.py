"""Record the provider's feedback: suppress first, then correlate with the campaign.

A bounced address is suppressed even when its email is unknown to us. That an email was accepted matters only while its
block is in doubt; that it was rejected afterwards always matters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from optout.access.credential import Credentials
from optout.address import Address
from optout.campaigns.campaign import Campaigns
from optout.campaigns.ledger import DeliveryStatus
from optout.delivery.breaker import trip
from optout.delivery.event_store import EventStore, Proof
from optout.errors import BadAddress
from optout.feedback.policy import Effect, Verdict, judge_outcome
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Reason, Suppressions

_COUNTED = (Reason.BOUNCED, Reason.COMPLAINED)
_AT_ONCE = 1_000  # events whose blocks are read together


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

    def record(self, mail: MailTags, verdicts: Sequence[tuple[str, Verdict]]) -> int:
        """Record one event; returns the number of its recipients with an invalid address."""
        if proof := mail.proof:
            self._proofs.append(proof)
        return sum(
            not self._suppress(mail, email, verdict) for email, verdict in verdicts if verdict.effect is Effect.SUPPRESS
        )

    def finish(self) -> None:
        """Store the proofs of the batch, all at once to save reads. They do not prove that send events arrive: those
        take another way."""
        proofs, self._proofs = self._proofs, []
        if proofs:
            self.event_store.record(proofs)
        for number in {proof.campaign for proof in proofs if proof.outcome.status is DeliveryStatus.FAILED}:
            trip(self.campaigns, self.campaigns.get(number))

    def _suppress(self, mail: MailTags, email: str, verdict: Verdict) -> bool:
        try:
            address = Address.parse(email)
        except BadAddress:
            return False
        reason = verdict.reason or Reason.BOUNCED
        known = self.credentials.workspaces()
        for workspace in [mail.workspace] if mail.workspace in known else known:
            origin = Origin("feedback", mail.campaign)
            suppress(self.suppressions, workspace, address, EVERYTHING, reason, origin, why=verdict.why)
        if mail.campaign.isdigit() and reason in _COUNTED:
            number = int(mail.campaign)
            self.campaigns.record_feedback(number, mail.block, mail.position, reason.value)
            trip(self.campaigns, self.campaigns.get(number))
        return True
