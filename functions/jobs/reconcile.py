"""Every five minutes: what is in doubt is settled by what SES tells."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout import clock
from optout.runtime.observability import logger, metrics
from optout.wiring.delivery import reconciliation


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    done = reconciliation().reconcile(clock.now())
    for name, count in (
        ("BlockReconciled", done.blocks),
        ("BlockWaiting", done.waiting),
        ("MessageSentAfterDoubt", done.sent),
        ("MessageSentAgain", done.again),
        ("RecipientUnknown", done.unknown),
        ("CampaignFinished", len(done.finished)),
    ):
        if count:
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
    logger.info("reconciled", blocks=done.blocks, waiting=done.waiting, unknown=done.unknown, finished=done.finished)
