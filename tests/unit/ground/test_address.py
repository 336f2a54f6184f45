"""Addresses: two spellings of one mailbox are equal, two mailboxes never are."""

import string
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.address import Address
from optout.errors import BadAddress


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada@example.com\n", "ada@example.com"),
        ("jose\u0301@example.com", "jos\u00e9@example.com"),
        ('"Ada.Lovelace"@example.com', '"ada.lovelace"@EXAMPLE.com'),
        ('"Ada"@example.com', "ada@example.com"),
        ('"ada.lovelace+news"@example.com', "ada.lovelace+news@example.com"),
        (r'"a\da"@example.com', "ada@example.com"),
        (r'"a\,b"@example.com', '"a,b"@example.com'),
    ],
)
def test_spellings_of_one_mailbox_have_one_key_form(one: str, other: str) -> None:
    assert Address.parse(one).key_form == Address.parse(other).key_form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stra\u00dfe@example.com", "strasse@example.com"),
        ("\u0130zmir@example.com", "izmir@example.com"),
        ("\u00c9va@example.com", "\u00e9va@example.com"),
        ("a.d.a@gmail.com", "ada@gmail.com"),
        ("ada+news@example.com", "ada@example.com"),
        ("\u0430da@example.com", "ada@example.com"),
        ('"a..b"@example.com', "a..b@example.com"),
        (r'"a\"b"@example.com', r'"a\\b"@example.com'),
    ],
    ids=["eszett", "dotted I", "beyond ASCII", "dots", "plus tag", "Cyrillic a", "quotes that are needed", "backslash"],
)
def test_different_mailboxes_are_never_merged(one: str, other: str) -> None:
    assert Address.parse(one).key_form != Address.parse(other).key_form


def test_the_original_spelling_is_kept() -> None:
    found = Address.parse("Ada.Lovelace@Example.COM")
    assert found.original == "Ada.Lovelace@Example.COM"
    assert found.sendable == "Ada.Lovelace@example.com"


def test_a_domain_beyond_ascii_is_compared_and_mailed_by_its_ascii_form() -> None:
    found = Address.parse("ada@M\u00fcnchen.de", "XN--mnchen-3ya.de")
    assert found.original == "ada@M\u00fcnchen.de"
    assert found.key_form == found.sendable == "ada@xn--mnchen-3ya.de"
    assert found.deliverable


def test_a_local_part_beyond_ascii_may_leave_but_cannot_be_mailed() -> None:
    assert not Address.parse("jos\u00e9@example.com").deliverable


def test_an_email_goes_to_the_form_without_needless_quotes() -> None:
    assert Address.parse('"Ada"@example.com').sendable == "Ada@example.com"
    assert Address.parse(r'"A\@da"@example.com').sendable == '"A@da"@example.com'


def test_the_last_at_sign_begins_the_domain() -> None:
    assert Address.parse('"a@b"@example.com').domain == "example.com"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@localhost",
        "ada@example..com",
        "ada@example.com.",
        "ada@.com",
        "ada@m\u00fcnchen.de",
        "ada lovelace@example.com",
        "ada\r\nBcc: eve@example.com",
        "ada\r\nbcc:eve@example.com",
        "ada\0@example.com",
        "ada\x85@example.com",
        "ada\u2028@example.com",
        "ada\u00a0x@example.com",
        "ada\ud800@example.com",
        "a" * 65 + "@example.com",
        "ada@" + "e" * 247 + ".com",
    ],
)
def test_what_cannot_be_an_address_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        Address.parse(text)


def test_the_longest_address_is_taken() -> None:
    text = "a" * 64 + "@" + "e" * 185 + ".com"
    assert len(text) == 254
    assert Address.parse(text).original == text


@given(text=st.text(max_size=80).map(lambda text: text.replace("|", "@")))
def test_any_text_is_an_address_or_a_bad_one(text: str) -> None:
    try:
        found = Address.parse(text + "@example.com")
    except BadAddress:
        return
    assert Address.parse(found.original) == found
    assert Address.parse(found.key_form).key_form == found.key_form


def test_of_all_characters_spaces_controls_and_surrogates_have_no_place_in_an_address() -> None:
    refused = set()
    for char in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp", "Zs"):
            refused.add(char)
            with pytest.raises(BadAddress):
                Address.parse(f"a{char}b@example.com")
    allowed = [chr(code) for code in range(sys.maxunicode + 1) if chr(code) not in refused]
    for start in range(0, len(allowed), 30):  # a local part has room for so many
        text = "".join(char for char in allowed[start : start + 30] if char != "@")
        assert Address.parse(f"a{text}@example.com")


def test_the_key_form_lower_cases_the_letters_a_to_z_and_no_other_character() -> None:
    text = string.punctuation.replace("@", "") + string.digits
    assert Address.parse(f"{string.ascii_uppercase}@{string.ascii_uppercase}.COM").key_form == (
        f"{string.ascii_lowercase}@{string.ascii_lowercase}.com"
    )
    assert Address.parse(f"{text}@example.com").key_form == f"{text}@example.com"
