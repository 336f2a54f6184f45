"""Recording what the provider tells of our mail: suppress first, correlate later.

An address that bounces does so whatever we know of the mail. Whether a mail was accepted is of interest only while its
block is in doubt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from optout.access.credential import Credentials
from optout.address import Address
from optout.campaigns.campaign import Campaigns
from optout.delivery.breaker import trip
from optout.delivery.evidence import Evidence, Sighting
from optout.errors import BadAddress
from optout.feedback.policy import Effect, Verdict
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Reason, Suppressions

_COUNTED = (Reason.BOUNCED, Reason.COMPLAINED)
_AT_ONCE = 1_000  # sightings; their blocks are looked up together


@dataclass(frozen=True, slots=True)
class MailTags:
    """What an event says of the mail that it is about: our tags ("" where there is none), the provider's message id,
    and when the mail was accepted (epoch milliseconds)."""

    workspace: str = ""
    campaign: str = ""
    block: str = ""
    position: str = ""
    message_id: str = ""
    accepted: int = 0

    @property
    def sighting(self) -> Sighting | None:
        """The proof that one recipient's mail was accepted; None when it is not one of our campaigns'."""
        numbers = [self.campaign, *self.block.split("-"), self.position]
        if len(numbers) != 5 or not all(text.isascii() and text.isdigit() and len(text) < 17 for text in numbers):
            return None
        campaign, chunk, index, part, position = map(int, numbers)
        return Sighting(campaign, chunk, index, part, position, self.message_id)


def witness(evidence: Evidence, mails: Iterable[MailTags]) -> int:
    """Take in the events that every mail has, a file of them or more; how many were about our campaigns' mails.

    Only when all of them are kept does the latest say that events arrive.
    """
    ours = ((mail.accepted, sighting) for mail in mails if (sighting := mail.sighting))
    count = latest = 0
    while batch := list(islice(ours, _AT_ONCE)):
        evidence.note([sighting for _, sighting in batch])
        count += len(batch)
        latest = max(latest, *(accepted for accepted, _ in batch))
    if count:
        evidence.note_alive(latest)
    return count


@dataclass(slots=True)
class Recording:
    """The ports that recording needs, and what one batch of events has shown so far."""

    suppressions: Suppressions
    campaigns: Campaigns
    credentials: Credentials
    evidence: Evidence
    _seen: list[Sighting] = field(default_factory=list, init=False)

    def record(self, mail: MailTags, verdicts: Sequence[tuple[str, Verdict]]) -> int:
        """Take in one event; how many of its recipients have no address that could be read."""
        if sighting := mail.sighting:
            self._seen.append(sighting)
        return sum(
            not self._suppress(mail, email, verdict) for email, verdict in verdicts if verdict.effect is Effect.SUPPRESS
        )

    def finish(self) -> None:
        """Keep what the batch proves; for a whole batch at once, so that it costs next to nothing. That bounces arrive
        does not say that the events of every mail do: they come another way."""
        seen, self._seen = self._seen, []
        if seen:
            self.evidence.note(seen)

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
