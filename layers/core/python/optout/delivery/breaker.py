"""The breaker: a campaign whose mails bounce or are complained about stops by itself, and waits for a person.

The limits lie below those at which SES puts an account under review (5 % bounces, 0.1 % complaints), and below the
0.1 % that mailbox providers ask for.
"""

from dataclasses import dataclass

from optout.campaigns.campaign import Campaign, Campaigns, Parking, ParkReason
from optout.campaigns.transitions import park
from optout.suppressions.suppression import Reason


@dataclass(frozen=True, slots=True)
class Limit:
    """Which share of the mails sent is too many. Below ``volume`` mails the share is taken of that volume, so that a
    few people never stop a campaign, and many stop a small one too."""

    counter: Reason
    share: float
    volume: int
    reason: ParkReason

    def is_passed(self, count: int, sent: int) -> bool:
        return count > self.share * max(sent, self.volume)


LIMITS = (
    Limit(Reason.BOUNCED, 0.04, 200, ParkReason.BOUNCES),
    Limit(Reason.COMPLAINED, 0.0008, 2_500, ParkReason.COMPLAINTS),
)


def judge(campaign: Campaign) -> Parking | None:
    """Why a campaign has to stop; what it had when a person last let it go on does not count."""
    since = {name: count - campaign.excused.get(name, 0) for name, count in campaign.counters.items()}
    sent = since.get("sent", 0)
    for limit in LIMITS:
        count = since.get(limit.counter.value, 0)
        if limit.is_passed(count, sent):
            return Parking(limit.reason, f"{count} of {sent} {limit.counter.value}")
    return None


def trip(campaigns: Campaigns, campaign: Campaign | None) -> Campaign | None:
    """Stop a campaign that is at work, if it has to: as it is then; None when it may go on."""
    if campaign is None or not campaign.state.may_send:
        return None
    parking = judge(campaign)
    return park(campaigns, campaign.number, parking).campaign if parking else None
