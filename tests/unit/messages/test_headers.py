"""The headers of an email: List-Unsubscribe, List-Id, and names that cannot inject another header."""

from email import message_from_string, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.messages.headers import CONTROL, ONE_CLICK, list_id, list_unsubscribe, mailbox

NASTY = [
    "Eve\r\nBcc: all@example.com",
    "Eve\nX-Evil: 1",
    "Eve\u2028Bcc: all@example.com",
    "Eve\x0b\x0c\x85x",
    '"Eve" <eve@evil.example>, "Ada"',
    'Eve" <eve@evil.example>',
    "Eve\\",
    "Eve, Ada; (comment) <x>",
    "=?utf-8?q?=0D=0ABcc:_all=40example.com?=",
    "\u00c9ve\r\nBcc: x",
    "\u00c9ve =?utf-8?b?DQpCY2M6?=",
]


def test_the_pair_for_one_click_is_exact_and_names_the_https_link_alone() -> None:
    assert list_unsubscribe("https://o.example/u/T") == ("List-Unsubscribe", "<https://o.example/u/T>")
    assert ONE_CLICK == ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def test_the_list_has_a_stable_name() -> None:
    assert list_id("newsletter:Weekly News", "acme", "x.example") == (
        "List-Id",
        "<newsletter-weekly-news.acme.x.example>",
    )
    assert list_id(None, "acme", "x.example")[1] == "<mailer.acme.x.example>"


@pytest.mark.parametrize("topic", ["a>\r\nBcc: x", "\u00e9", "x" * 500])
def test_no_topic_breaks_out_of_the_list_id(topic: str) -> None:
    value = list_id(topic, "acme", "x.example")[1]
    assert value.isprintable()
    assert value.isascii()
    assert len(value) < 100
    assert value.count(">") == 1


def parsed(name: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The header names of an email to this mailbox, and its recipients."""
    found = message_from_string(f"To: {mailbox(name, 'ada@example.com')}\r\nSubject: x\r\n\r\n", policy=policy.SMTP)
    to = found["To"]
    return list(found.keys()), [(box.display_name, box.addr_spec) for box in to.addresses]


@pytest.mark.parametrize("name", NASTY)
def test_a_display_name_cannot_become_a_header_or_another_recipient(name: str) -> None:
    names, recipients = parsed(name)
    assert names == ["To", "Subject"]
    assert [email for _, email in recipients] == ["ada@example.com"]
    shown = recipients[0][0]
    assert "\r" not in shown
    assert "\n" not in shown


@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_name_leaves_one_recipient_in_one_ascii_line(name: str) -> None:
    value = mailbox(name, "ada@example.com")
    assert value.isascii()
    assert value.isprintable()
    assert [email for _, email in getaddresses([value])] == ["ada@example.com"]


@pytest.mark.parametrize(
    "name", ["Ada Lovelace", 'Ada "the first" O\'Brien', "J\u00e9r\u00f4me", "\u5c71\u7530", "a =?x?= b"]
)
def test_a_name_reads_as_it_was_given(name: str) -> None:
    assert parsed(name)[1] == [(name, "ada@example.com")]


def test_without_a_name_the_address_stands_alone() -> None:
    assert mailbox("", "ada@example.com") == mailbox(" \n", "ada@example.com") == "ada@example.com"


@given(name=st.text(max_size=255))
def test_a_name_survives_the_written_header_in_words_of_at_most_75_characters(name: str) -> None:
    clean = CONTROL.sub(" ", name).strip()
    text = mailbox(name, "ada@reader.example")
    assert all(len(word) <= 75 for word in text.split() if word.startswith("=?"))
    ((shown, email),) = getaddresses([text])
    assert email == "ada@reader.example"
    assert str(make_header(decode_header(shown))) in (clean, "")


@pytest.mark.parametrize("name", ["a" * 255, "\u00e9" * 60, "\u5c71" * 40])
def test_a_long_name_is_written_as_long_as_ses_takes_it(name: str) -> None:
    ((shown, _),) = getaddresses([mailbox(name, "ada@example.com")])
    assert str(make_header(decode_header(shown))) == name


@pytest.mark.parametrize("name", ["a" * 320, "\u5c71" * 100, "\u0301" * 255])
def test_a_name_that_ses_refuses_for_its_length_is_left_out(name: str) -> None:
    assert mailbox(name, "ada@example.com") == "ada@example.com"
