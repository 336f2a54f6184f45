"""The feedback queue: a bounce or complaint becomes a suppression; any event proves that its email was accepted."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from optout.runtime.observability import logger
from optout.runtime.worker import SecondsLeft, count, entrypoint
from optout.wiring.feedback import recorder

# isort: split
# After the worker: where pydantic is there first, the batch utility of Powertools imports its whole parser.
from feedback.notifications import read


def take(record: SQSRecord, seconds_left: SecondsLeft) -> None:
    notice = read(record.body)
    if notice is None:
        return
    mail, verdicts = notice.mail.read_tags(), list(notice.verdicts())
    if unreadable := recorder().record(mail, verdicts):
        logger.warning("feedback about an invalid address", count=unreadable)
    for _, verdict in verdicts:
        count(**{f"Feedback{verdict.effect.title()}": 1})
    if verdicts:
        logger.info("feedback", kind=notice.kind, campaign=mail.campaign)


handler = entrypoint(take, finish=lambda: recorder().finish())
