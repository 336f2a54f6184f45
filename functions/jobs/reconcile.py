"""Every five minutes: settle the emails in doubt, using the provider's events."""

from optout import clock
from optout.runtime.observability import logger
from optout.runtime.worker import count, scheduled
from optout.wiring.delivery import reconciliation


def reconcile() -> None:
    done = reconciliation().reconcile(clock.now())
    count(
        BlockReconciled=done.blocks,
        BlockWaiting=done.waiting,
        MessageReconciled=done.sent,
        MessageSentAgain=done.again,
        RecipientUnknown=done.unknown,
        CampaignFinished=len(done.finished),
    )
    logger.info("reconciled", blocks=done.blocks, waiting=done.waiting, unknown=done.unknown, finished=done.finished)


handler = scheduled(reconcile)
