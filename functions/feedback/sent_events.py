"""The files of Send and Delivery events: each proves that a mail was accepted, which settles what is in doubt."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from feedback.event_files import keys, mails
from optout.feedback.record import witness
from optout.runtime.observability import logger, metrics
from optout.wiring.delivery import evidence, sent_files

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def tell(unreadable: int) -> None:
    logger.warning("events that cannot be read", count=unreadable)
    metrics.add_metric(name="SentEventUnreadable", unit=MetricUnit.Count, value=unreadable)


def take(record: SQSRecord) -> None:
    files = sent_files()
    for key in keys(record.body):
        witness(evidence(), mails(files.read(key), tell))
        files.forget(key)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event=event, record_handler=take, processor=processor, context=context))
