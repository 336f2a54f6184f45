"""The links of the mailer that this one took over from: ``/mailer/unsubscribe/{_id}/{createdAt}``.

They name a subscriber by id and by the moment of their creation, and hold no secret: an id is made of that moment and
of twelve random bits. So whoever knows to the millisecond when somebody subscribed has them after some 4,000 tries, and
all that this gives is that they get no more mail. No mail of ours carries such a link; see `optout.token`.
"""

import re
from typing import NamedTuple

from optout.errors import BadToken
from optout.number import from_meteor_id

_LEADING_DIGITS = re.compile(r"\d{1,16}", re.ASCII)  # as parseInt has them: a mail program may link the full stop too


class MailerLink(NamedTuple):
    """Whom such a link means: a subscriber's number, and when they were created, in epoch milliseconds."""

    number: int
    created: int


def read(subscriber_id: str, created_at: str) -> MailerLink:
    """What a link says; raises `BadToken` when nobody can be meant."""
    number, digits = from_meteor_id(subscriber_id), _LEADING_DIGITS.match(created_at)
    if number is None or digits is None:
        raise BadToken
    return MailerLink(number, int(digits[0]))
