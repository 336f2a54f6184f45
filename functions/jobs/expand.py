"""The expand queue: a campaign's audience becomes chunks, and each chunk is rung for."""

from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout.runtime.observability import logger, metrics
from optout.wiring.campaigns import campaigns, deliver_queue, expand_queue
from optout.wiring.delivery import expansion

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def expand(record: SQSRecord, lambda_context: LambdaContext) -> None:
    number, rung = record.json_body["campaign"], record.json_body.get("rung", 0)
    logger.append_keys(campaign=number)
    last = rung - 1

    def chunks() -> Iterator[dict[str, int]]:
        nonlocal last
        for last in expansion().expand(number, rung, lambda: seconds_left(lambda_context)):
            yield {"campaign": number, "chunk": last}

    deliver_queue().ring(chunks())
    campaign = campaigns().get(number)
    if campaign and campaign.state.may_send and campaign.cursor is not None:
        expand_queue().ring([{"campaign": number, "rung": last + 1}])  # time ran out: another run goes on
    logger.info("expanded", chunks=last + 1 - rung)


def seconds_left(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event=event, record_handler=expand, processor=processor, context=context))
