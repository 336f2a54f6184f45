"""The deliver queue: what is left of a chunk is sent, block by block."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout.runtime.observability import logger, metrics
from optout.wiring.campaigns import deliver_queue
from optout.wiring.delivery import delivery

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def deliver(record: SQSRecord, lambda_context: LambdaContext) -> None:
    number, chunk = record.json_body["campaign"], record.json_body["chunk"]
    logger.append_keys(campaign=number, chunk=chunk)
    report = delivery().deliver(number, chunk, lambda: lambda_context.get_remaining_time_in_millis() / 1000)
    if report.ring_in is not None:
        deliver_queue().ring([{"campaign": number, "chunk": chunk}], delay=report.ring_in)
    for name, count in (
        ("MessageSent", report.sent),
        ("MessageSuppressed", report.skipped),
        ("MessageFailed", report.failed),
        ("BlockInDoubt", report.doubtful),
        ("ProviderThrottled", report.throttled),
        ("CampaignParked", int(report.parking is not None)),
        ("CampaignFinished", int(report.campaign_finished)),
    ):
        if count:
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
    parked = report.parking.reason.value if report.parking else ""
    logger.info("delivered", sent=report.sent, skipped=report.skipped, failed=report.failed, parked=parked)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event=event, record_handler=deliver, processor=processor, context=context))
