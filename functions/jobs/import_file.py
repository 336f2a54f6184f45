"""The import queue: a file is read on from where it has got, to be checked or to be added."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout.imports.job import State
from optout.runtime.observability import logger, metrics
from optout.wiring.imports import import_queue, import_run

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def import_file(record: SQSRecord, lambda_context: LambdaContext) -> None:
    number = record.json_body["import"]
    logger.append_keys(file_import=number)
    ran = import_run().run(number, lambda: lambda_context.get_remaining_time_in_millis() / 1000)
    if ran.unfinished:
        import_queue().ring([{"import": number}])
    adds = ran.state in (State.ADDING, State.FINISHED)
    for name, count in (
        ("SubscriberImported", ran.tally.new if adds else 0),
        ("RowRejected", ran.tally.rejected if adds else 0),
        ("ImportFinished", int(ran.state is State.FINISHED)),
        ("ImportFailed", int(ran.state is State.FAILED)),
    ):
        if count:
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
    logger.info("read", state=ran.state, rows=ran.tally.rows, new=ran.tally.new, rejected=ran.tally.rejected)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event=event, record_handler=import_file, processor=processor, context=context))
