"""The feedback queue: a bounce or complaint becomes a suppression, any event proves that its mail was accepted."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from feedback.notifications import read
from optout.runtime.observability import logger, metrics
from optout.wiring.feedback import recording

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def take(record: SQSRecord) -> None:
    notice = read(record.body)
    if notice is None:
        return
    mail, verdicts = notice.mail.read_tags(), list(notice.verdicts())
    if unreadable := recording().record(mail, verdicts):
        logger.warning("feedback about something that is no address", count=unreadable)
    for _, verdict in verdicts:
        metrics.add_metric(name=f"Feedback{verdict.effect.title()}", unit=MetricUnit.Count, value=1)
    if verdicts:
        logger.info("feedback", kind=notice.kind, campaign=mail.campaign)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    answer = process_partial_response(event=event, record_handler=take, processor=processor, context=context)
    recording().finish()  # when it fails, the whole batch comes again
    return dict(answer)
