"""Every five minutes: settle the emails in doubt, using the provider's events."""

from optout import clock
from optout.runtime.observability import logger, report
from optout.runtime.worker import SecondsLeft, count, scheduled
from optout.wiring.delivery import reconciliation


def reconcile(seconds_left: SecondsLeft) -> None:
    done = reconciliation().reconcile(clock.now(), seconds_left)
    count(
        CampaignNotVisited=done.visited.left,
        BlockReconciled=done.blocks,
        BlockWaiting=done.waiting,
        MessageReconciled=done.sent,
        MessageSentAgain=done.again,
        RecipientUnknown=done.unknown,
        CampaignFinished=len(done.finished),
    )
    logger.info("reconciled", blocks=done.blocks, waiting=done.waiting, unknown=done.unknown, finished=done.finished)
    for error in done.visited.failures:
        report(error)


handler = scheduled(reconcile)
