"""The unsubscribe links of the Rocket.Chat mailer: ``/mailer/unsubscribe/{_id}/{createdAt}``.

Emails that were sent before the move to optout contain them. They name a subscriber by id and creation time and hold
no secret: an id consists of that time and twelve random bits. An attacker with the exact millisecond guesses the link
within some 4,000 tries, and gains only that the subscriber gets no more email. Our own emails carry signed links
instead; see `optout.messages.link_token`.
"""

import re
from typing import NamedTuple

from optout.errors import BadToken
from optout.number import from_meteor_id

_LEADING_DIGITS = re.compile(
    r"\d{1,16}", re.ASCII
)  # like parseInt, because a mail program may add a full stop to the link


class MailerLink(NamedTuple):
    """The content of a link: a subscriber's number and creation time in epoch milliseconds."""

    number: int
    created: int


def read(subscriber_id: str, created_at: str) -> MailerLink:
    """The content of a link; raises `BadToken` for values that no subscriber can have."""
    number, digits = from_meteor_id(subscriber_id), _LEADING_DIGITS.match(created_at)
    if number is None or digits is None:
        raise BadToken
    return MailerLink(number, int(digits[0]))
