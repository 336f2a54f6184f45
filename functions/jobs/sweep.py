"""Every minute: what has stopped goes on."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout import clock
from optout.runtime.observability import logger, metrics
from optout.wiring.delivery import sweep


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    swept = sweep().sweep(clock.now())
    for name, count in (
        ("DoorbellRungAgain", swept.rung),
        ("CampaignResumed", swept.lifted),
        ("CampaignFinished", swept.finished),
        ("CampaignWaitsForQuota", swept.parked["quota"]),
        ("CampaignWaitsForConfig", swept.parked["config"]),
        ("ProviderPaused", swept.parked["provider_paused"]),
        ("CampaignTripped", swept.parked["bounces"] + swept.parked["complaints"]),
    ):
        if count:
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
    logger.info("swept", rung=swept.rung, lifted=swept.lifted, finished=swept.finished, parked=dict(swept.parked))
