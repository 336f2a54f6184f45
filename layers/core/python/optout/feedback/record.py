"""Record the provider's feedback: suppress first, then correlate with the campaign.

A bounced address is suppressed even when its email is unknown to us. Whether an email was accepted matters only while
its block is in doubt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from optout.access.credential import Credentials
from optout.address import Address
from optout.campaigns.campaign import Campaigns
from optout.delivery.breaker import trip
from optout.delivery.event_store import AcceptedEvent, EventStore
from optout.errors import BadAddress
from optout.feedback.policy import Effect, Verdict
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Suppressions

_COUNTED = (Reason.BOUNCED, Reason.COMPLAINED)
_AT_ONCE = 1_000  # events whose blocks are read together


@dataclass(frozen=True, slots=True)
class MailTags:
    """The email of an event: our tags ("" if missing), the provider's message id, and the time of its acceptance (epoch
    milliseconds)."""

    workspace: str = ""
    campaign: str = ""
    block: str = ""
    position: str = ""
    message_id: str = ""
    accepted: int = 0

    @property
    def accepted_event(self) -> AcceptedEvent | None:
        """The proof that the email was accepted; None when it belongs to no campaign."""
        numbers = [self.campaign, *self.block.split("-"), self.position]
        if len(numbers) != 5 or not all(text.isascii() and text.isdigit() and len(text) < 17 for text in numbers):
            return None
        campaign, chunk, index, part, position = map(int, numbers)
        return AcceptedEvent(campaign, chunk, index, part, position, self.message_id)


def record_sent(event_store: EventStore, mails: Iterable[MailTags]) -> int:
    """Store the send events of a file; returns how many belong to our campaigns.

    The latest event proves that events arrive, and is recorded only after all others are stored.
    """
    ours = ((mail.accepted, accepted_event) for mail in mails if (accepted_event := mail.accepted_event))
    count = latest = 0
    while batch := list(islice(ours, _AT_ONCE)):
        event_store.record([accepted_event for _, accepted_event in batch])
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
    _accepted: list[AcceptedEvent] = field(default_factory=list, init=False)

    def record(self, mail: MailTags, verdicts: Sequence[tuple[str, Verdict]]) -> int:
        """Record one event; returns the number of its recipients with an invalid address."""
        if accepted_event := mail.accepted_event:
            self._accepted.append(accepted_event)
        return sum(
            not self._suppress(mail, email, verdict) for email, verdict in verdicts if verdict.effect is Effect.SUPPRESS
        )

    def finish(self) -> None:
        """Store the accepted events of the batch, all at once to save reads. They do not prove that send events arrive:
        those take another way."""
        accepted, self._accepted = self._accepted, []
        if accepted:
            self.event_store.record(accepted)

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
