"""The confirm queue: who is pending is asked by mail whether they want the newsletter."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout.confirmations.request import Asking
from optout.confirmations.send import Fate
from optout.runtime.observability import logger, metrics
from optout.wiring.confirmations import confirm_queue, inviting

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)

_COUNTED = {
    Fate.MAILED: "ConfirmationMailed",
    Fate.IN_DOUBT: "ConfirmationInDoubt",
    Fate.LIMITED: "ConfirmationLimited",
    Fate.LEFT: "ConfirmationSuppressed",
    Fate.NO_SENDER: "ConfirmationWithoutSender",
    Fate.REFUSED: "ConfirmationRefused",
}


def ask(record: SQSRecord) -> None:
    asking = Asking(**record.json_body)
    outcome = inviting().invite(asking)
    if outcome.ring_in is not None:
        confirm_queue().ring([record.json_body], delay=outcome.ring_in)
    if outcome.fate in _COUNTED:
        metrics.add_metric(name=_COUNTED[outcome.fate], unit=MetricUnit.Count, value=1)
    logger.info("asked", subscriber=asking.subscriber, fate=outcome.fate)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event=event, record_handler=ask, processor=processor, context=context))
