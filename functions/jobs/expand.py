"""The expand queue: store a campaign's audience in chunks, and enqueue each chunk."""

from collections.abc import Iterator

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from optout.runtime.observability import logger
from optout.runtime.worker import SecondsLeft, entrypoint
from optout.wiring.campaigns import campaigns, deliver_queue, expand_queue
from optout.wiring.delivery import expansion


def expand(record: SQSRecord, seconds_left: SecondsLeft) -> None:
    number, first = record.json_body["campaign"], record.json_body.get("first_chunk", 0)
    logger.append_keys(campaign=number)
    last = first - 1

    def chunks() -> Iterator[dict[str, int]]:
        nonlocal last
        for last in expansion().expand(number, first, seconds_left):
            yield {"campaign": number, "chunk": last}

    deliver_queue().send(chunks())
    campaign = campaigns().get(number)
    if campaign and campaign.state.may_send and campaign.cursor is not None:
        expand_queue().send([{"campaign": number, "first_chunk": last + 1}])  # time ran out: another run continues
    logger.info("expanded", chunks=last + 1 - first)


handler = entrypoint(expand)
