"""Link tokens: only the service can mint them, they never expire, and each has one meaning."""

import base64
import hmac
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.errors import BadToken
from optout.messages import link_token
from optout.messages.link_token import (
    ConfirmationLink,
    Link,
    LinkScope,
    Purpose,
    mint,
    mint_confirmation,
    read,
    read_confirmation,
)

KEYS = {1: b"an old key", 2: b"the newest key"}
LINKS = st.builds(Link, st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1), st.sampled_from(LinkScope))
URL_SAFE = set(string.ascii_letters + string.digits + "-_")


@given(link=LINKS)
def test_a_token_says_what_it_was_made_for(link: Link) -> None:
    assert read(KEYS, Purpose.UNSUBSCRIBE, mint(KEYS, Purpose.UNSUBSCRIBE, link)) == link


@given(link=LINKS)
def test_no_new_token_ends_in_a_sign_that_mail_programs_drop(link: Link) -> None:
    assert mint(KEYS, Purpose.UNSUBSCRIBE, link)[-1] not in "-_"


@given(link=LINKS, sign=st.characters(blacklist_characters=string.ascii_letters + string.digits + "-_"), rest=st.text())
def test_whatever_stands_behind_a_token_is_ignored(link: Link, sign: str, rest: str) -> None:
    assert read(KEYS, Purpose.UNSUBSCRIBE, mint(KEYS, Purpose.UNSUBSCRIBE, link) + sign + rest) == link


@given(link=LINKS)
def test_a_token_has_44_characters_that_a_url_may_have(link: Link) -> None:
    text = mint(KEYS, Purpose.UNSUBSCRIBE, link)
    assert len(text) == link_token.LENGTH == 44
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
    other = mint(KEYS, Purpose.CONFIRM, Link(5, 6))
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, other)


@pytest.mark.parametrize(("version", "scope"), [(2, 0), (1, 7)])
def test_a_version_or_scope_that_we_do_not_know_is_refused_though_signed(version: int, scope: int) -> None:
    payload = bytes((version, 2, scope)) + bytes(14)
    text = base64.urlsafe_b64encode(payload + link_token._mac(KEYS[2], Purpose.UNSUBSCRIBE, payload)).decode()
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, text)


@given(text=st.one_of(st.text(max_size=60), st.text(sorted(URL_SAFE | {"=", "+", "/", "é"}), min_size=44, max_size=44)))
def test_what_we_did_not_mint_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, text)


def old(recipient: int) -> str:
    """A token as it was minted before: without a choice of its end."""
    payload = bytes((1, 2, LinkScope.TOPIC)) + (5).to_bytes(7) + recipient.to_bytes(7)
    return base64.urlsafe_b64encode(payload + link_token._mac(KEYS[2], Purpose.UNSUBSCRIBE, payload)).decode()


@pytest.mark.parametrize("end", ["-", "_", "--", "-_", "_-", "__"])
def test_an_old_link_works_without_the_dashes_that_a_mail_program_dropped(end: str) -> None:
    recipient = next(number for number in range(100_000) if old(number).endswith(end))
    assert read(KEYS, Purpose.UNSUBSCRIBE, old(recipient)[: -len(end)]) == Link(5, recipient, LinkScope.TOPIC)


@given(link=LINKS, more=st.text(sorted(URL_SAFE), max_size=100))
def test_whatever_is_glued_to_a_token_is_ignored(link: Link, more: str) -> None:
    assert read(KEYS, Purpose.UNSUBSCRIBE, mint(KEYS, Purpose.UNSUBSCRIBE, link) + more) == link


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t[:-3], lambda t: f"A{t}", lambda t: f" {t[1:]}"])
def test_a_shortened_or_moved_token_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, change(mint(KEYS, Purpose.UNSUBSCRIBE, Link(5, 6))))


SLUGS = st.text(sorted(URL_SAFE - {"_"}), min_size=1, max_size=40)
INVITATIONS = st.builds(
    ConfirmationLink,
    SLUGS,
    SLUGS,
    st.integers(0, 2**53 - 1),
    st.integers(0, 2**53 - 1),
    st.binary(min_size=8, max_size=8).map(bytes.hex),
)
INVITATION = ConfirmationLink("acme", "weekly", 5, 1_787_580_922_000, "00112233445566ff")


@given(invitation=INVITATIONS)
def test_an_invitation_says_what_it_was_made_for_and_stays_short(invitation: ConfirmationLink) -> None:
    text = mint_confirmation(KEYS, invitation)
    assert read_confirmation(KEYS, text) == invitation
    assert set(text) <= URL_SAFE
    assert len(text) <= 164


def test_an_invitation_survives_key_rotation_and_dies_with_its_key() -> None:
    old = mint_confirmation({1: KEYS[1]}, INVITATION)
    assert read_confirmation(KEYS, old) == INVITATION
    with pytest.raises(BadToken):
        read_confirmation({2: KEYS[2]}, old)


def test_any_changed_letter_of_an_invitation_is_refused() -> None:
    text = mint_confirmation(KEYS, INVITATION)
    for at, letter in enumerate(text):
        for other in URL_SAFE - {letter}:
            with pytest.raises(BadToken):
                read_confirmation(KEYS, text[:at] + other + text[at + 1 :])


def test_an_invitation_has_one_spelling() -> None:
    text = mint_confirmation(KEYS, ConfirmationLink("acme", "daily", 5, 6, "00112233445566ff"))
    assert len(text) % 4, "its last letter has bits to spare"
    for change in (text[:-1], text + "A", text + "A" * 5_000):
        with pytest.raises(BadToken):
            read_confirmation(KEYS, change)


def test_every_purpose_has_a_key_of_its_own() -> None:
    payload = b"the same for both"
    assert link_token._mac(KEYS[1], Purpose.CONFIRM, payload) != link_token._mac(KEYS[1], Purpose.UNSUBSCRIBE, payload)
    with pytest.raises(BadToken):
        read_confirmation(KEYS, mint(KEYS, Purpose.UNSUBSCRIBE, Link(5, 6)))
    with pytest.raises(BadToken):
        read(KEYS, Purpose.UNSUBSCRIBE, mint_confirmation(KEYS, INVITATION))


@given(text=st.one_of(st.text(max_size=200), st.text(sorted(URL_SAFE), max_size=200)))
def test_what_we_did_not_mint_is_no_invitation(text: str) -> None:
    with pytest.raises(BadToken):
        read_confirmation(KEYS, text)


@given(invitation=INVITATIONS, sign=st.sampled_from(["", "_", "-", "__", ".", ")_", "/-"]))
def test_an_invitation_survives_the_signs_around_it(invitation: ConfirmationLink, sign: str) -> None:
    assert read_confirmation(KEYS, mint_confirmation(KEYS, invitation) + sign) == invitation


def test_the_links_in_old_emails_stay_valid() -> None:
    payload = bytes((1, 1, LinkScope.TOPIC)) + (5).to_bytes(7) + (6).to_bytes(7)
    mac = hmac.digest(KEYS[1], b"unsub\0" + payload, "sha256")[:16]
    text = base64.urlsafe_b64encode(payload + mac).decode()
    assert read(KEYS, Purpose.UNSUBSCRIBE, text) == Link(5, 6, LinkScope.TOPIC)
