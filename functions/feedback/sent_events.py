"""Files of Send and Delivery events: each event proves that an email was accepted, which settles an email in doubt."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from optout.feedback.record import record_sent
from optout.runtime.observability import logger
from optout.runtime.worker import SecondsLeft, count, entrypoint
from optout.wiring.delivery import event_store, sent_files

# isort: split
# After the worker: where pydantic is there first, the batch utility of Powertools imports its whole parser.
from feedback.event_files import keys, mails


def report_unreadable(unreadable: int) -> None:
    logger.warning("unreadable events", count=unreadable)
    count(SentEventUnreadable=unreadable)


def take(record: SQSRecord, seconds_left: SecondsLeft) -> None:
    files = sent_files()
    for key in keys(record.body):
        record_sent(event_store(), mails(files.read(key), report_unreadable))
        files.forget(key)


handler = entrypoint(take)
