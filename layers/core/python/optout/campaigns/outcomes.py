"""The outcomes of a block: their counts, and their correction by what events prove."""

from collections import Counter
from enum import StrEnum

from optout.campaigns.ledger import DeliveryStatus, Outcome, Outcomes

REJECTED = "rejected"  # the counter of emails that the provider accepted and then did not send


class Rejection(StrEnum):
    """Why the provider did not send an email that it had accepted: the detail of a FAILED outcome."""

    REJECTED = "rejected"
    RENDERING_FAILURE = "rendering_failure"


def count(outcomes: Outcomes) -> dict[str, int]:
    """Counts by status, by reason of those skipped, and of the rejections. RETRY is not final and is not counted."""
    counts: Counter[str] = Counter()
    for outcome in outcomes.values():
        if outcome.status is not DeliveryStatus.RETRY:
            counts[outcome.status.value] += 1
        if outcome.status is DeliveryStatus.SKIPPED:
            counts[f"{DeliveryStatus.SKIPPED}_{outcome.detail}"] += 1
        if outcome.status is DeliveryStatus.FAILED and outcome.detail in Rejection:
            counts[REJECTED] += 1
    return counts


def corrections(outcomes: Outcomes, proven: Outcomes) -> dict[int, Outcome]:
    """The outcomes of a block that change by what events prove."""
    return {at: outcome for at, outcome in proven.items() if at in outcomes and outcome.overrules(outcomes[at])}


def recount(outcomes: Outcomes, corrected: Outcomes) -> dict[str, int]:
    """What the corrections of a block add to its counts."""
    counts = Counter(count(corrected))
    counts.subtract(count({at: outcomes[at] for at in corrected}))
    return counts
