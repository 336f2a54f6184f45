"""Shared by all jobs: the Lambda handler of a queue or of a schedule, and metrics."""

from collections.abc import Callable
from typing import Any, TypeAlias

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout.runtime.observability import logger, metrics

Handler: TypeAlias = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]
SecondsLeft: TypeAlias = Callable[[], float]


def entrypoint(take: Callable[[SQSRecord, SecondsLeft], None], finish: Callable[[], None] | None = None) -> Handler:
    """The handler of a queue. ``take`` processes one message; if it raises, only that message is delivered again.
    ``finish`` runs once after the batch; if it raises, the whole batch is delivered again."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)

    def process(record: SQSRecord, lambda_context: LambdaContext) -> None:
        take(record, lambda: lambda_context.get_remaining_time_in_millis() / 1000)

    @metrics.log_metrics
    @logger.inject_lambda_context(clear_state=True)
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        answer = process_partial_response(event=event, record_handler=process, processor=processor, context=context)
        if finish:
            finish()
        return dict(answer)

    return handler


def scheduled(run: Callable[[SecondsLeft], None]) -> Handler:
    """The handler of a schedule."""

    @metrics.log_metrics
    @logger.inject_lambda_context(clear_state=True)
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        run(lambda: context.get_remaining_time_in_millis() / 1000)
        return {}

    return handler


def count(**counts: int) -> None:
    """Add to metrics by name; a count of 0 adds none."""
    for name, value in counts.items():
        if value:
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
