"""Accepting a campaign: stored before the response, and only from senders of the credential."""

from collections.abc import Iterable

import pytest

from optout import number
from optout.access.credential import Credential
from optout.campaigns.campaign import Campaign, State
from optout.campaigns.create import accept
from optout.campaigns.draft import LARGEST_BODY, LARGEST_MAIL, LARGEST_PART, Draft
from optout.errors import BadSender, Forbidden, Invalid, MissingUnsubscribeLink, Unavailable
from optout.queue import Message
from optout.scope import MessageClass
from optout.subscribers import selector
from tests.support.fakes import InMemoryCampaigns
from tests.support.samples import READERS, subscriber

CALLER = Credential(
    "hash", "acme", "rocketchat", permissions=frozenset({"send-mail"}), newsletter="weekly", senders=("@example.com",)
)
BODY = "Hello [name] [unsubscribe]"


class Queue:
    """The `Queue` port: keeps the messages; a ``broken`` one raises `Unavailable`."""

    def __init__(self, *, broken: bool = False) -> None:
        self.sent: list[Message] = []
        self._broken = broken

    def send(self, messages: Iterable[Message], delay: float = 0) -> None:
        if self._broken:
            raise Unavailable
        self.sent += messages


def accepted(draft: Draft, caller: Credential = CALLER) -> Campaign:
    """The campaign that a draft becomes."""
    campaigns, queue = InMemoryCampaigns(), Queue()
    made = accept(campaigns, queue, READERS, caller, draft)
    assert queue.sent == [{"campaign": made, "first_chunk": 0}]
    found = campaigns.get(made)
    assert found
    return found


def test_a_mailing_goes_to_the_newsletters_readers_as_marketing() -> None:
    campaign = accepted(Draft("news@example.com", "Hi", BODY))
    assert (campaign.workspace, campaign.topic, campaign.test_recipient) == ("acme", "newsletter:weekly", None)
    assert (campaign.message_class, campaign.state) == (MessageClass.MARKETING, State.ACCEPTED)


def test_a_test_goes_to_its_sender_only() -> None:
    campaign = accepted(Draft("News <news@example.com>", "Hi", BODY, test=True))
    assert (campaign.test_recipient, campaign.message_class) == ("news@example.com", MessageClass.TRANSACTIONAL)


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("news@example.com", "news@example.com"),
        ("The News <news@example.com>", "The News <news@example.com>"),
        ('"The News" <news@EXAMPLE.com>', "The News <news@example.com>"),
        ("Fish, Inc. <news@example.com>", '"Fish, Inc." <news@example.com>'),
        ("<news@example.com>", "news@example.com"),
        ("Shop@Home <news@example.com>", '"Shop@Home" <news@example.com>'),
        ('"Shop@Home" <news@example.com>', '"Shop@Home" <news@example.com>'),
        (r'"The \"Best\" News" <news@example.com>', r'"The \"Best\" News" <news@example.com>'),
    ],
)
def test_a_sender_may_have_a_name(written: str, sender: str) -> None:
    assert accepted(Draft(written, "Hi", BODY)).sender == sender


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "12345",
        "eve@evil.example",
        "eve@evil.example <news@example.com",
        "news@example.com, eve@evil.example",
        "news@example.com <eve@evil.example>",
        "A\r\nBcc: x <news@example.com>",
        "=?utf-8?q?x?= <news@example.com>",
        "news@example.com\r\nBcc: eve@evil.example",
        "jos\u00e9@example.com",
        "A <news@example.com> B",
        "A <<news@example.com>>",
        "ceo@bank.example,news@example.com",
        "ceo@bank.example;news@example.com",
        "ceo@bank.example(news@example.com",
        "ceo@bank.example@example.com",
        "The News <ceo@bank.example,news@example.com>",
        '"news"@example.com',
        "=?utf-8?q?x?=@example.com",
        "news,@example.com",
        "ceo@bank.example, News <news@example.com>",
        "\u5c71" * 100 + " <news@example.com>",
    ],
)
def test_any_other_sender_is_refused(sender: str) -> None:
    campaigns, queue = InMemoryCampaigns(), Queue()
    with pytest.raises(BadSender):
        accept(campaigns, queue, READERS, CALLER, Draft(sender, "Hi", BODY))
    assert queue.sent == []


@pytest.mark.parametrize("body", ["", "Hello", "[Unsubscribe]", "[ unsubscribe ]"])
def test_a_body_must_say_how_to_leave(body: str) -> None:
    with pytest.raises(MissingUnsubscribeLink):
        accepted(Draft("news@example.com", "Hi", body))


@pytest.mark.parametrize("text", ["", "Hello", "https://editor.example/[unsubscribe]"])
def test_a_text_must_say_how_to_leave_too(text: str) -> None:
    with pytest.raises(MissingUnsubscribeLink):
        accepted(Draft("news@example.com", "Hi", BODY, text=text))


def test_without_the_permission_nothing_is_sent() -> None:
    with pytest.raises(Forbidden):
        accepted(Draft("news@example.com", "Hi", BODY), Credential("hash", "acme", "x", senders=("@example.com",)))


@pytest.mark.parametrize("query", ['{"a":1}', "{", " "])
@pytest.mark.parametrize("test", [False, True])
def test_a_query_that_is_not_understood_is_refused_rather_than_widened(query: str, test: bool) -> None:
    with pytest.raises(Invalid):
        accepted(Draft("news@example.com", "Hi", BODY, query, test))


def test_a_query_is_stored_with_its_campaign() -> None:
    assert accepted(Draft("news@example.com", "Hi", BODY, ' {"name": "Ada"}')).query == '{"name":"Ada"}'
    assert accepted(Draft("news@example.com", "Hi", BODY)).query == ""


def test_a_mail_that_could_not_be_stored_is_refused() -> None:
    for body in (BODY + "x" * LARGEST_BODY, BODY + "\n" * (LARGEST_PART // 5), BODY + "word " * (LARGEST_MAIL // 10)):
        with pytest.raises(Invalid):
            accepted(Draft("news@example.com", "Hi", body))


def test_a_caller_who_hears_of_a_failure_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number, "new", lambda at=None: 7)
    campaigns = InMemoryCampaigns()
    with pytest.raises(Unavailable):
        accept(campaigns, Queue(broken=True), READERS, CALLER, Draft("news@example.com", "Hi", BODY))
    found = campaigns.get(7)
    assert found
    assert found.state is State.CANCELLED


def test_a_silent_store_is_not_rung_for() -> None:
    campaigns, queue = InMemoryCampaigns(), Queue()
    campaigns.down = True
    with pytest.raises(Unavailable):
        accept(campaigns, queue, READERS, CALLER, Draft("news@example.com", "Hi", BODY))
    assert queue.sent == []


def test_a_number_that_is_taken_is_left_to_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([7, 7, 8])
    monkeypatch.setattr(number, "new", lambda at=None: next(numbers))
    campaigns, draft = InMemoryCampaigns(), Draft("news@example.com", "Hi", BODY)
    assert [accept(campaigns, Queue(), READERS, CALLER, draft) for _ in range(2)] == [7, 8]


@pytest.mark.parametrize("query", ["", '{"name":"Ada"}'])
def test_the_campaign_of_a_newsletter_selects_no_subscriber_of_another_one(query: str) -> None:
    campaign = accepted(Draft("news@example.com", "Hi", BODY, query=query, newsletter="daily"))
    audience = selector.parse(campaign.query, READERS.compile_pattern)
    selected = [audience.matches(subscriber(5, "ada@example.com", newsletter)) for newsletter in ("daily", "weekly")]
    assert selected == [True, False]
