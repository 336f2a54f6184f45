"""Confirmation emails through SES: one SendEmail each, exactly one attempt."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optout.aws.keyed_hash import KeyedHash
from optout.aws.ses import Unacceptable, classify_errors
from optout.confirmations.mail import confirmation_email
from optout.messages.headers import mailbox
from optout.messages.link_token import ConfirmationLink, Keys, mark, mint_confirmation
from optout.subscribers.subscriber import Newsletter, Subscriber

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@dataclass(frozen=True, slots=True)
class SESConfirmationSender:
    """The `Inviter` port. ``one_shot`` never tries a call again; ``url`` is where our links point."""

    one_shot: "SESV2Client"
    configuration_set: str
    url: str
    keys: Callable[[], Keys]
    keyed_hash: KeyedHash

    def send(self, newsletter: Newsletter, subscriber: Subscriber, requested_at: int) -> bool:
        title = newsletter.title or newsletter.slug
        sender, content = (
            mailbox(title, newsletter.sender),
            confirmation_email(title, self._link(subscriber, requested_at)),
        )
        try:
            with classify_errors(sender):
                self.one_shot.send_email(
                    FromEmailAddress=sender,
                    Destination={"ToAddresses": [subscriber.address.sendable]},
                    Content={
                        "Simple": {
                            "Subject": {"Data": content["subject"], "Charset": "UTF-8"},
                            "Body": {
                                "Text": {"Data": content["text"], "Charset": "UTF-8"},
                                "Html": {"Data": content["html"], "Charset": "UTF-8"},
                            },
                        }
                    },
                    EmailTags=[{"Name": "ws", "Value": subscriber.workspace}],
                    ConfigurationSetName=self.configuration_set,
                )
        except Unacceptable:
            return False
        return True

    def _link(self, subscriber: Subscriber, requested_at: int) -> str:
        hashed = mark(self.keyed_hash(subscriber.address.key_form))
        link = ConfirmationLink(subscriber.workspace, subscriber.newsletter, subscriber.number, requested_at, hashed)
        return f"{self.url}/c/{mint_confirmation(self.keys(), link)}"
