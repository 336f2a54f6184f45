"""The circuit breaker: a campaign with too many bounces, complaints or rejections is parked until a person resumes it.

The limits of bounces and complaints lie below those at which SES puts an account under review (5 % bounces, 0.1 %
complaints), and below the 0.1 % that mailbox providers ask for.
"""

from dataclasses import dataclass

from optout.campaigns.campaign import Campaign, Campaigns, Parking, ParkReason
from optout.campaigns.outcomes import REJECTED
from optout.campaigns.transitions import park
from optout.suppressions.reason import Reason


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest share of the emails that the provider accepted. Below ``volume`` emails the share is taken of
    ``volume``, so that a few bounces never stop a campaign, and many stop a small one too."""

    counter: str
    share: float
    volume: int
    reason: ParkReason

    def is_exceeded(self, count: int, accepted: int) -> bool:
        return count > self.share * max(accepted, self.volume)


LIMITS = (
    Limit(Reason.BOUNCED.value, 0.04, 200, ParkReason.BOUNCES),
    Limit(Reason.COMPLAINED.value, 0.0008, 2_500, ParkReason.COMPLAINTS),
    Limit(REJECTED, 0.04, 200, ParkReason.REJECTIONS),
)


def check(campaign: Campaign) -> Parking | None:
    """Why a campaign has to stop; None if it does not. Counters that were excused by a resume are left out."""
    since = {name: count - campaign.excused.get(name, 0) for name, count in campaign.counters.items()}
    accepted = since.get("sent", 0) + since.get(REJECTED, 0)
    for limit in LIMITS:
        count = since.get(limit.counter, 0)
        if limit.is_exceeded(count, accepted):
            return Parking(limit.reason, f"{count} of {accepted} {limit.counter}")
    return None


def trip(campaigns: Campaigns, campaign: Campaign | None) -> Campaign | None:
    """Park a campaign at work that exceeds a limit, and return it; None if it may continue."""
    if campaign is None or not campaign.state.may_send:
        return None
    parking = check(campaign)
    return park(campaigns, campaign.number, parking).campaign if parking else None
