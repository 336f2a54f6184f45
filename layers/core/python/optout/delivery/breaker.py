"""The circuit breaker: a campaign with too many bounces or complaints is parked until a person resumes it.

The limits lie below those at which SES puts an account under review (5 % bounces, 0.1 % complaints), and below the
0.1 % that mailbox providers ask for.
"""

from dataclasses import dataclass

from optout.campaigns.campaign import Campaign, Campaigns, Parking, ParkReason
from optout.campaigns.transitions import park
from optout.suppressions.reason import Reason


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest share of the emails sent. Below ``volume`` emails the share is taken of ``volume``, so that a few
    bounces never stop a campaign, and many stop a small one too."""

    counter: Reason
    share: float
    volume: int
    reason: ParkReason

    def is_exceeded(self, count: int, sent: int) -> bool:
        return count > self.share * max(sent, self.volume)


LIMITS = (
    Limit(Reason.BOUNCED, 0.04, 200, ParkReason.BOUNCES),
    Limit(Reason.COMPLAINED, 0.0008, 2_500, ParkReason.COMPLAINTS),
)


def check(campaign: Campaign) -> Parking | None:
    """Why a campaign has to stop; None if it does not. Counters that were excused by a resume are left out."""
    since = {name: count - campaign.excused.get(name, 0) for name, count in campaign.counters.items()}
    sent = since.get("sent", 0)
    for limit in LIMITS:
        count = since.get(limit.counter.value, 0)
        if limit.is_exceeded(count, sent):
            return Parking(limit.reason, f"{count} of {sent} {limit.counter.value}")
    return None


def trip(campaigns: Campaigns, campaign: Campaign | None) -> Campaign | None:
    """Park a campaign at work that exceeds a limit, and return it; None if it may continue."""
    if campaign is None or not campaign.state.may_send:
        return None
    parking = check(campaign)
    return park(campaigns, campaign.number, parking).campaign if parking else None
