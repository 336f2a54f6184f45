"""The feedback queue: a bounce or a complaint becomes a suppression, whether or not we know the mail it is about."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from feedback.notifications import MailNotice, read
from optout import wiring
from optout.address import Address
from optout.errors import BadAddress
from optout.feedback import Effect, Verdict
from optout.runtime import logger, metrics
from optout.scope import EVERYTHING
from optout.suppressing import suppress
from optout.suppression import Origin, Reason

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def take(record: SQSRecord) -> None:
    notice = read(record.body)
    if notice is None:
        return
    for email, verdict in notice.verdicts():
        if verdict.effect is Effect.SUPPRESS:
            _suppress(notice.mail, email, verdict)
        metrics.add_metric(name=f"Feedback{verdict.effect.title()}", unit=MetricUnit.Count, value=1)
    logger.info("feedback", kind=notice.kind, campaign=notice.mail.tag("cid"))


def _suppress(mail: MailNotice, email: str, verdict: Verdict) -> None:
    """Suppress first, correlate later: an address that bounces does so whatever we know of the mail."""
    try:
        address = Address.parse(email)
    except BadAddress:
        logger.warning("feedback about something that is no address")
        return
    campaign, reason = mail.tag("cid"), verdict.reason or Reason.BOUNCED
    known = wiring.credentials().workspaces()
    for workspace in [mail.tag("ws")] if mail.tag("ws") in known else known:
        origin = Origin("feedback", campaign)
        suppress(wiring.suppressions(), workspace, address, EVERYTHING, reason, origin, why=verdict.why)
    if campaign.isdigit() and reason in (Reason.BOUNCED, Reason.COMPLAINED):
        wiring.campaigns().record_feedback(int(campaign), mail.tag("blk"), mail.tag("idx"), reason.value)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event=event, record_handler=take, processor=processor, context=context))
