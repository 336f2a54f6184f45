"""From stores to use cases. Lazy like the wiring, so that a function loads the use case that it runs and no other."""

from functools import cache
from typing import TYPE_CHECKING

from optout import wiring

if TYPE_CHECKING:
    from optout.delivery import Delivery
    from optout.expansion import Expansion
    from optout.import_run import ImportRun
    from optout.inviting import Inviting
    from optout.previewing import Previewing
    from optout.reconciling import Reconciliation
    from optout.recording import Recording
    from optout.sweeping import Sweep, Waking


@cache
def delivery() -> "Delivery":
    from optout.delivery import Delivery

    return Delivery(wiring.campaigns(), wiring.suppressions(), wiring.slots(), wiring.sender())


@cache
def recording() -> "Recording":
    from optout.recording import Recording

    return Recording(wiring.suppressions(), wiring.campaigns(), wiring.credentials(), wiring.evidence())


@cache
def inviting() -> "Inviting":
    from optout.inviting import Inviting

    stores = wiring.subscribers(), wiring.suppressions(), wiring.askings()
    return Inviting(*stores, wiring.slots(), wiring.inviter())


def expansion() -> "Expansion":
    from optout.expansion import Expansion
    from optout.ledger import BLOCK

    def block() -> int:
        return max(1, min(BLOCK, int(wiring.slots().pace().account.rate)))

    return Expansion(wiring.campaigns(), wiring.subscribers(), block)


def waking() -> "Waking":
    from optout.sweeping import Waking

    return Waking(wiring.campaigns(), wiring.expand_queue(), wiring.deliver_queue())


def sweep() -> "Sweep":
    from optout.sweeping import Sweep

    return Sweep(wiring.campaigns(), wiring.slots(), waking())


def reconciliation() -> "Reconciliation":
    from optout.reconciling import Reconciliation

    return Reconciliation(wiring.campaigns(), wiring.evidence(), wiring.deliver_queue(), files=wiring.sent_files())


def previewing() -> "Previewing":
    from optout.previewing import Previewing

    return Previewing(wiring.subscribers(), wiring.suppressions(), wiring.slots(), wiring.site())


def import_run() -> "ImportRun":
    from optout.fields import to_address
    from optout.import_run import ImportRun

    stores = wiring.imports(), wiring.files(), wiring.subscribers(), wiring.suppressions()
    return ImportRun(*stores, to_address)
