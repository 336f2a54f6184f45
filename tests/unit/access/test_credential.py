"""Credentials: permissions of a key, and how it is stored."""

import pytest

from optout.access.credential import Credential, hash_key, new_key, same
from optout.errors import BadSender, Forbidden
from tests.support.samples import address

SENDER = Credential(hash_key("k"), "acme", "rocketchat", senders=("news@example.com", "@shop.example"))


@pytest.mark.parametrize("email", ["news@example.com", "News@EXAMPLE.com", "anybody@shop.example"])
def test_a_sender_on_the_list_may_send(email: str) -> None:
    SENDER.require_sender(address(email))


@pytest.mark.parametrize(
    "email", ["boss@example.com", "a@sub.shop.example", "a@evil-shop.example", "news@example.com.evil.example"]
)
def test_any_other_sender_may_not(email: str) -> None:
    with pytest.raises(BadSender):
        SENDER.require_sender(address(email))


def test_without_senders_nobody_may_send() -> None:
    with pytest.raises(BadSender):
        Credential("hash", "acme", "rocketchat").require_sender(address("news@example.com"))


def test_a_permission_is_required_by_its_name() -> None:
    credential = Credential("hash", "acme", "repzo", permissions=frozenset({"read"}))
    credential.require("read")
    with pytest.raises(Forbidden) as caught:
        credential.require("write")
    assert caught.value.permission == "write"


def test_a_key_is_256_bits_of_letters_and_digits() -> None:
    keys = {new_key("sk_") for _ in range(50)}
    assert len(keys) == 50
    assert all(key.startswith("sk_") and key[3:].isalnum() and key.isascii() and len(key) == 46 for key in keys)


def test_a_key_cannot_be_read_from_its_hash_or_its_id() -> None:
    key = new_key()
    credential = Credential(hash_key(key), "acme", "repzo")
    assert key not in credential.key_hash
    assert credential.key_hash.startswith(credential.id)
    assert len(credential.id) == 12


@pytest.mark.parametrize("odd", ["", "\ud800", "\0", "\u00e9"])
def test_whatever_somebody_sends_as_a_key_has_a_hash(odd: str) -> None:
    assert len(hash_key(odd)) == 64
    assert same(odd, odd)
    assert not same(odd, odd + "x")
