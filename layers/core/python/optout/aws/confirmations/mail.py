"""SES as the carrier of mails that ask for a confirmation: one SendEmail each, exactly one attempt."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optout.aws.keyed_hash import KeyedHash
from optout.aws.ses import Unacceptable, told_apart
from optout.confirmations.mail import invitation
from optout.messages.headers import mailbox
from optout.messages.link_token import Invitation, Keys, mark, mint_invitation
from optout.subscribers.subscriber import Newsletter, Subscriber

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@dataclass(frozen=True, slots=True)
class SESInviter:
    """The `Inviter` port. ``one_shot`` never tries a call again; ``url`` is where our links point."""

    one_shot: "SESV2Client"
    configuration_set: str
    url: str
    keys: Callable[[], Keys]
    keyed_hash: KeyedHash

    def invite(self, newsletter: Newsletter, subscriber: Subscriber, asked: int) -> bool:
        title = newsletter.title or newsletter.slug
        sender, content = mailbox(title, newsletter.sender), invitation(title, self._link(subscriber, asked))
        try:
            with told_apart(sender):
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

    def _link(self, subscriber: Subscriber, asked: int) -> str:
        hashed = mark(self.keyed_hash(subscriber.address.key_form))
        said = Invitation(subscriber.workspace, subscriber.newsletter, subscriber.number, asked, hashed)
        return f"{self.url}/c/{mint_invitation(self.keys(), said)}"
