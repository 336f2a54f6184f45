"""The outcome of an accepted message for one recipient: by suppression list, mailbox simulator or fault plan."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from local.ses.account import Account
from local.ses.addresses import SIMULATOR_DOMAIN
from local.ses.events import (
    AUTO_REPLY,
    GLOBALLY_SUPPRESSED,
    HARD_BOUNCE,
    MAILBOX_FULL,
    ON_ACCOUNT_LIST,
    bounce,
    complaint,
    delivery,
    delivery_delay,
    suppressed_complaint,
)
from local.ses.message import Message
from local.ses.suppression import SuppressionList


class Outcome(StrEnum):
    DELIVERED = "delivered"
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCE = "soft_bounce"
    AUTO_REPLY = "auto_reply"
    COMPLAINT = "complaint"
    DELIVERY_DELAY = "delivery_delay"
    GLOBALLY_SUPPRESSED = "globally_suppressed"
    ON_ACCOUNT_LIST = "on_account_list"
    REJECTED = "rejected"
    RENDERING_FAILURE = "rendering_failure"


SIMULATOR = {
    "bounce": Outcome.HARD_BOUNCE,
    "complaint": Outcome.COMPLAINT,
    "ooto": Outcome.AUTO_REPLY,
    "suppressionlist": Outcome.GLOBALLY_SUPPRESSED,
}
DELIVERING = frozenset({Outcome.DELIVERED, Outcome.AUTO_REPLY, Outcome.COMPLAINT, Outcome.DELIVERY_DELAY})


class Event(NamedTuple):
    """The type of an event, and the object that describes it besides ``mail``."""

    kind: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judge:
    account: Account
    suppressions: SuppressionList

    def outcome(self, message: Message, recipient: str, planned: Outcome | None) -> Outcome:
        if message.rendering_error:
            return Outcome.RENDERING_FAILURE
        if message.rejected:
            return Outcome.REJECTED
        if self._on_account_list(message, recipient):
            return Outcome.ON_ACCOUNT_LIST
        local, _, domain = recipient.lower().rpartition("@")
        if domain == SIMULATOR_DOMAIN:
            return SIMULATOR.get(local.partition("+")[0], Outcome.DELIVERED)
        return planned or Outcome.DELIVERED

    def events(self, message: Message, recipient: str, outcome: Outcome) -> list[Event]:
        """The events of this recipient in chronological order. Adds bounces and complaints to the suppression list."""
        match outcome:
            case Outcome.DELIVERED:
                return [delivery_event(recipient)]
            case Outcome.DELIVERY_DELAY:
                return [Event("DeliveryDelay", delivery_delay(recipient)), delivery_event(recipient)]
            case Outcome.AUTO_REPLY:
                return [delivery_event(recipient), Event("Bounce", bounce(recipient, AUTO_REPLY))]
            case Outcome.SOFT_BOUNCE:
                return [Event("Bounce", bounce(recipient, MAILBOX_FULL))]
            case Outcome.GLOBALLY_SUPPRESSED:
                return [Event("Bounce", bounce(recipient, GLOBALLY_SUPPRESSED))]
            case Outcome.ON_ACCOUNT_LIST:
                return [self._listed_event(recipient)]
            case Outcome.HARD_BOUNCE:
                detail = bounce(recipient, HARD_BOUNCE)
                self._add(message, recipient, "BOUNCE", detail["feedbackId"])
                return [Event("Bounce", detail)]
            case Outcome.COMPLAINT:
                detail = complaint(recipient)
                self._add(message, recipient, "COMPLAINT", detail["feedbackId"])
                return [delivery_event(recipient), Event("Complaint", detail)]
            case _:
                return []

    def _listed_event(self, recipient: str) -> Event:
        """The event of an address on the list: SES uses the subtype OnAccountSuppressionList for both reasons."""
        if self.suppressions.get(recipient).reason == "COMPLAINT":
            return Event("Complaint", suppressed_complaint(recipient))
        return Event("Bounce", bounce(recipient, ON_ACCOUNT_LIST))

    def _reasons(self, message: Message) -> frozenset[str]:
        own = message.configuration_set.suppressed_reasons if message.configuration_set else None
        return frozenset(self.account.settings.suppressed_reasons) if own is None else own

    def _on_account_list(self, message: Message, recipient: str) -> bool:
        found = self.suppressions.find(recipient)
        return found is not None and found.reason in self._reasons(message)

    def _add(self, message: Message, recipient: str, reason: str, feedback_id: str) -> None:
        """SES never puts simulator addresses on the suppression list."""
        simulated = recipient.lower().endswith("@" + SIMULATOR_DOMAIN)
        if not simulated and reason in self._reasons(message):
            self.suppressions.put(recipient, reason, message.message_id, feedback_id)


def delivery_event(recipient: str) -> Event:
    return Event("Delivery", delivery(recipient))
