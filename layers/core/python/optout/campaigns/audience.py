"""The audience of a campaign: which newsletter a person in several of them is mailed through."""

from collections.abc import Callable, Sequence

from optout.address import Address
from optout.scope import Mail, MessageClass, newsletter_topic
from optout.subscribers.subscriber import Subscriber, Subscribers
from optout.suppressions.state import AddressState


def other_newsletters(subscribers: Subscribers, subscriber: Subscriber, newsletters: Sequence[str]) -> Sequence[str]:
    """The other newsletters that have the subscriber's address."""
    others = [name for name in newsletters if name != subscriber.newsletter]
    return sorted(subscribers.numbers_of(subscriber.workspace, others, subscriber.address)) if others else ()


def is_left_to_another(state: Callable[[Address], AddressState], subscriber: Subscriber, others: Sequence[str]) -> bool:
    """Whether a later newsletter is to mail a person who has left this one. The last newsletter of a person is left to
    no other, so that everyone is counted. ``state`` is asked about nobody else."""
    if not any(name > subscriber.newsletter for name in others):
        return False
    return state(subscriber.address).stopping(subscriber.mail) is not None


def mails(topic: Mail, newsletter: str) -> Sequence[Mail]:
    """What an email is judged by: the campaign's own topic, and the newsletter that the recipient was taken from. An
    opt-out from either stops it."""
    if not newsletter or topic.message_class is MessageClass.TRANSACTIONAL:
        return (topic,)
    return topic, Mail(newsletter_topic(newsletter), topic.namespace, topic.message_class)
