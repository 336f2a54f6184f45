"""What SES tells, written down."""

from functools import cache
from typing import TYPE_CHECKING

from optout.wiring.access import credentials
from optout.wiring.campaigns import campaigns
from optout.wiring.delivery import evidence
from optout.wiring.suppressions import suppressions

if TYPE_CHECKING:
    from optout.feedback.record import Recording


@cache
def recording() -> "Recording":
    from optout.feedback.record import Recording

    return Recording(suppressions(), campaigns(), credentials(), evidence())
