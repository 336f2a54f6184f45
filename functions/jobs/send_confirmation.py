"""The confirm queue: send a pending subscriber the confirmation email of a double opt-in."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from optout.confirmations.request import ConfirmationRequest
from optout.confirmations.send import ConfirmationStatus
from optout.runtime.observability import logger
from optout.runtime.worker import SecondsLeft, count, entrypoint
from optout.wiring.confirmations import confirm_queue, confirmation_mailer

_METRICS = {
    ConfirmationStatus.SENT: "ConfirmationSent",
    ConfirmationStatus.IN_DOUBT: "ConfirmationInDoubt",
    ConfirmationStatus.LIMITED: "ConfirmationLimited",
    ConfirmationStatus.SUPPRESSED: "ConfirmationSuppressed",
    ConfirmationStatus.NO_SENDER: "ConfirmationWithoutSender",
    ConfirmationStatus.REFUSED: "ConfirmationRefused",
}


def send_confirmation(record: SQSRecord, seconds_left: SecondsLeft) -> None:
    request = ConfirmationRequest(**record.json_body)
    outcome = confirmation_mailer().send(request)
    if outcome.retry_in is not None:
        confirm_queue().send([record.json_body], delay=outcome.retry_in)
    if outcome.status in _METRICS:
        count(**{_METRICS[outcome.status]: 1})
    logger.info("confirmation", subscriber=request.subscriber, status=outcome.status)


handler = entrypoint(send_confirmation)
