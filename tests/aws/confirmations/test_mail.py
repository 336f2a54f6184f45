"""Confirmation emails through SES: one attempt, one email, and a link that only the service can mint."""

import html
import re
from collections.abc import Callable

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from optout.address import Address
from optout.aws.confirmations.mail import SESConfirmationSender
from optout.errors import InDoubt, NotSent, Unavailable
from optout.messages.link_token import ConfirmationLink, Keys, mark, read_confirmation
from optout.subscribers.subscriber import Newsletter, Status, Subscriber
from tests.support.engine import KEYED_HASH
from tests.support.wire import Answer, Wire

KEYS = {1: b"key"}
URL = "https://email.us-east-1.amazonaws.com"
WEEKLY = Newsletter("acme", "weekly", "news@example.com", 'The "Weekly" <&>')
ADA = Subscriber(
    "acme", "weekly", 5, Address.parse("Ada@München.de", "xn--mnchen-3ya.de"), "Buy now", Status.PENDING, 1
)
UNVERIFIED = "Email address is not verified. The following identities failed the check in region US-EAST-1: "


def confirmation_sender(wire: Wire, keys: Callable[[], Keys] = lambda: KEYS) -> SESConfirmationSender:
    return SESConfirmationSender(wire.client, "events", "https://o.example", keys, KEYED_HASH)


def invite(answer: Answer) -> tuple[bool, Wire]:
    wire = Wire("sesv2", answer)
    return confirmation_sender(wire).send(WEEKLY, ADA, 7_000), wire


def test_the_mail_goes_to_one_address_through_our_configuration_set_and_names_its_workspace() -> None:
    taken, wire = invite({"MessageId": "id"})
    (request,) = wire.requests
    assert taken
    assert request["FromEmailAddress"] == '"The \\"Weekly\\" <&>" <news@example.com>'
    assert request["Destination"] == {"ToAddresses": ["Ada@xn--mnchen-3ya.de"]}
    assert request["ConfigurationSetName"] == "events"
    assert request["EmailTags"] == [{"Name": "ws", "Value": "acme"}]


def test_the_link_says_who_was_asked_when_and_under_which_address() -> None:
    (request,) = invite({})[1].requests
    body = request["Content"]["Simple"]["Body"]
    links = {re.search(r"https://\S+?/c/([\w-]+)", html.unescape(body[part]["Data"]))[1] for part in ("Html", "Text")}  # type: ignore[index]
    (token,) = links
    expected = ConfirmationLink("acme", "weekly", 5, 7_000, mark(KEYED_HASH(ADA.address.key_form)))
    assert read_confirmation(KEYS, token) == expected


def test_the_title_is_text_and_the_subscriber_s_name_is_nowhere() -> None:
    (request,) = invite({})[1].requests
    assert "The &quot;Weekly&quot; &lt;&amp;&gt;" in request["Content"]["Simple"]["Body"]["Html"]["Data"]
    assert "Buy now" not in str(request)


def test_a_newsletter_without_a_title_goes_by_its_name() -> None:
    wire = Wire("sesv2", {})
    confirmation_sender(wire).send(Newsletter("acme", "weekly", "news@example.com"), ADA, 7_000)
    assert wire.requests[0]["FromEmailAddress"] == "weekly <news@example.com>"
    assert wire.requests[0]["Content"]["Simple"]["Subject"]["Data"].endswith(" to weekly")


@pytest.mark.parametrize("code", ["BadRequestException", "MessageRejected"])
def test_an_address_that_ses_does_not_take_is_refused(code: str) -> None:
    assert invite((400, code, "Domain contains illegal character"))[0] is False


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((429, "TooManyRequestsException", "slow"), NotSent),
        ((400, "SendingPausedException", "x"), NotSent),
        ((400, "MessageRejected", UNVERIFIED + "news@example.com"), NotSent),
        (ConnectTimeoutError(endpoint_url=URL), NotSent),
        ((503, "ServiceUnavailable", "x"), InDoubt),
        (ReadTimeoutError(endpoint_url=URL), InDoubt),
    ],
    ids=str,
)
def test_an_answer_is_told_apart_and_never_followed_by_a_second_attempt(answer: Answer, error: type[Exception]) -> None:
    wire = Wire("sesv2", answer)
    with pytest.raises(error):
        confirmation_sender(wire).send(WEEKLY, ADA, 7_000)
    assert len(wire.requests) == 1


def test_without_keys_nothing_is_called() -> None:
    def lost() -> Keys:
        raise Unavailable

    wire = Wire("sesv2")
    with pytest.raises(Unavailable):
        confirmation_sender(wire, lost).send(WEEKLY, ADA, 7_000)
    assert wire.requests == []
