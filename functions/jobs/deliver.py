"""The deliver queue: send the remaining blocks of a chunk, one by one."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from optout.runtime.observability import logger
from optout.runtime.worker import SecondsLeft, count, entrypoint
from optout.wiring.campaigns import deliver_queue
from optout.wiring.delivery import delivery


def deliver(record: SQSRecord, seconds_left: SecondsLeft) -> None:
    number, chunk = record.json_body["campaign"], record.json_body["chunk"]
    logger.append_keys(campaign=number, chunk=chunk)
    report = delivery().deliver(number, chunk, seconds_left)
    if report.retry_in is not None:
        deliver_queue().send([{"campaign": number, "chunk": chunk}], delay=report.retry_in)
    count(
        MessageSent=report.sent,
        MessageSuppressed=report.skipped,
        MessageFailed=report.failed,
        BlockInDoubt=report.doubtful,
        ProviderThrottled=report.throttled,
        CampaignParked=int(report.parking is not None),
        CampaignFinished=int(report.campaign_finished),
    )
    parked = report.parking.reason.value if report.parking else ""
    logger.info("delivered", sent=report.sent, skipped=report.skipped, failed=report.failed, parked=parked)


handler = entrypoint(deliver)
