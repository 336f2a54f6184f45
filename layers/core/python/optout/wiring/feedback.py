"""The recorder of the provider's feedback."""

from functools import cache
from typing import TYPE_CHECKING

from optout.wiring.access import credentials
from optout.wiring.campaigns import campaigns
from optout.wiring.delivery import event_store
from optout.wiring.suppressions import suppressions

if TYPE_CHECKING:
    from optout.feedback.record import Recorder


@cache
def recorder() -> "Recorder":
    from optout.feedback.record import Recorder

    return Recorder(suppressions(), campaigns(), credentials(), event_store())
