"""Every minute: requeue stalled jobs."""

from optout import clock
from optout.runtime.observability import logger, report
from optout.runtime.worker import SecondsLeft, count, scheduled
from optout.wiring import delivery


def sweep(seconds_left: SecondsLeft) -> None:
    swept = delivery.sweep().sweep(clock.now(), seconds_left)
    count(
        CampaignNotVisited=swept.visited.left,
        JobRequeued=swept.requeued,
        CampaignResumed=swept.unparked,
        CampaignFinished=swept.finished,
        CampaignWaitsForQuota=swept.parked["quota"],
        CampaignWaitsForConfig=swept.parked["config"],
        ProviderPaused=swept.parked["provider_paused"],
        CampaignBreakerOpened=sum(swept.parked[reason] for reason in ("bounces", "complaints", "rejections")),
    )
    parked = dict(swept.parked)
    logger.info("swept", requeued=swept.requeued, unparked=swept.unparked, finished=swept.finished, parked=parked)
    for error in swept.visited.failures:
        report(error)


handler = scheduled(sweep)
