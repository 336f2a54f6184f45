"""The feedback queue: a bounce or complaint becomes a suppression, a rejected email has failed."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from optout.feedback.policy import is_rejection
from optout.runtime.observability import logger
from optout.runtime.worker import SecondsLeft, count, entrypoint
from optout.wiring.feedback import recorder

# isort: split
# After the worker: where pydantic is there first, the batch utility of Powertools imports its whole parser.
from feedback.notifications import read


def take(record: SQSRecord, seconds_left: SecondsLeft) -> None:
    notice = read(record.body)
    if notice is None:
        count(FeedbackAboutTheFeed=1)
        return
    mail, verdicts = notice.read_tags(), list(notice.verdicts())
    if unreadable := recorder().record(mail, verdicts, seconds_left):
        logger.warning("feedback about an invalid address", count=unreadable)
    for _, verdict in verdicts:
        count(**{f"Feedback{verdict.effect.title()}": 1})
        if verdict.cause:
            count(**{verdict.cause: 1})
            logger.warning("feedback to look at", cause=verdict.cause, campaign=mail.campaign)
    is_rejected = is_rejection(notice.kind)
    count(MessageRejected=int(is_rejected))
    if verdicts or is_rejected:
        logger.info("feedback", kind=notice.kind, campaign=mail.campaign)


handler = entrypoint(take, finish=lambda: recorder().finish())
