"""Delivery of an accepted message: first the ledger, then the mailbox, then the events."""

from dataclasses import dataclass

from local.ses.faults import Faults
from local.ses.ledger import Ledger
from local.ses.mailbox import MailStore
from local.ses.message import Message
from local.ses.outcomes import DELIVERING, Event, Judge, Outcome
from local.ses.publisher import EventPublisher

# The antivirus test file that the SES Developer Guide recommends for testing Reject events.
EICAR = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


@dataclass(frozen=True, slots=True)
class Delivery:
    ledger: Ledger
    mails: MailStore
    judge: Judge
    faults: Faults
    publisher: EventPublisher

    def accept(self, call: int, message: Message) -> None:
        """Accept a message: record each recipient in the ledger, deliver it, and publish its events."""
        outcomes = [
            (recipient, self.judge.outcome(message, recipient, self.faults.outcome(recipient)))
            for recipient in message.recipients
        ]
        self.ledger.add_recipients(call, message, outcomes)
        for recipient, outcome in outcomes:
            if outcome in DELIVERING:
                self.mails.add(message, recipient)
        for event in self._events(message, outcomes):
            self.publisher.add(event.kind, message, event.detail, self.faults.event_delays(event.kind))

    def _events(self, message: Message, outcomes: list[tuple[str, Outcome]]) -> list[Event]:
        if message.configuration_set is None:
            return []
        if message.rendering_error:
            return [Event("Rendering Failure", {"templateName": "", "errorMessage": message.rendering_error})]
        if message.rejected:
            return [Event("Reject", {"reason": "Bad content"})]
        events = [Event("Send", {})]
        for recipient, outcome in outcomes:
            events += self.judge.events(message, recipient, outcome)
        return events
