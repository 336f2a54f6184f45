"""Link tokens: only we can make them, they never expire, and they say one thing."""

import base64
import string
from collections.abc import Callable
from enum import StrEnum
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout import token
from optout.errors import BadToken
from optout.token import Link, LinkScope, Purpose, mint, read

KEYS = {1: b"an old key", 2: b"the newest key"}
LINKS = st.builds(Link, st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1), st.sampled_from(LinkScope))
URL_SAFE = set(string.ascii_letters + string.digits + "-_")


class Elsewhere(StrEnum):
    """A purpose that some other link might have."""

    CONFIRM = "confirm"


@given(link=LINKS)
def test_a_token_says_what_it_was_made_for(link: Link) -> None:
    assert read(KEYS, Purpose.UNSUBSCRIBE, mint(KEYS, Purpose.UNSUBSCRIBE, link)) == link


@given(link=LINKS)
def test_a_token_has_44_characters_that_a_url_may_have(link: Link) -> None:
    text = mint(KEYS, Purpose.UNSUBSCRIBE, link)
    assert len(text) == token.LENGTH == 44
    assert set(text) <= URL_SAFE


def test_a_token_survives_key_rotation() -> None:
    old = mint({1: KEYS[1]}, Purpose.UNSUBSCRIBE, Link(5, 6))
    assert read(KEYS, Purpose.UNSUBSCRIBE, old) == Link(5, 6)


def test_the_newest_key_signs() -> None:
    text = mint(KEYS, Purpose.UNSUBSCRIBE, Link(5, 6))
    assert read({2: KEYS[2]}, Purpose.UNSUBSCRIBE, text) == Link(5, 6)


def test_a_token_of_a_key_that_was_taken_out_is_refused() -> None:
    old = mint({1: KEYS[1]}, Purpose.UNSUBSCRIBE, Link(5, 6))
    with pytest.raises(BadToken):
        read({2: KEYS[2]}, Purpose.UNSUBSCRIBE, old)


def test_the_key_that_stands_in_for_an_unknown_one_opens_nothing() -> None:
    forged = mint({9: b"no such key"}, Purpose.UNSUBSCRIBE, Link(5, 6))
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, forged)


def test_an_empty_key_opens_nothing() -> None:
    with pytest.raises(BadToken):
        read({1: b""}, Purpose.UNSUBSCRIBE, mint({1: b""}, Purpose.UNSUBSCRIBE, Link(5, 6)))


def test_any_flipped_bit_is_refused() -> None:
    raw = base64.urlsafe_b64decode(mint(KEYS, Purpose.UNSUBSCRIBE, Link(2**40 + 5, 2**41 + 6)))
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadToken):
            read(KEYS, Purpose.UNSUBSCRIBE, base64.urlsafe_b64encode(flipped).decode())


def test_a_token_made_for_another_purpose_is_refused() -> None:
    other = mint(KEYS, cast("Purpose", Elsewhere.CONFIRM), Link(5, 6))
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, other)


@pytest.mark.parametrize(("version", "scope"), [(2, 0), (1, 7)])
def test_a_version_or_scope_that_we_do_not_know_is_refused_though_signed(version: int, scope: int) -> None:
    payload = bytes((version, 2, scope)) + bytes(14)
    text = base64.urlsafe_b64encode(payload + token._mac(KEYS[2], Purpose.UNSUBSCRIBE, payload)).decode()
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, text)


@given(text=st.one_of(st.text(max_size=60), st.text(sorted(URL_SAFE | {"=", "+", "/", "é"}), min_size=44, max_size=44)))
def test_what_we_did_not_mint_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, text)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t + "=", lambda t: f" {t[1:]}"])
def test_a_shortened_lengthened_or_padded_token_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, change(mint(KEYS, Purpose.UNSUBSCRIBE, Link(5, 6))))
