"""Keyed hashes: no address and no IP address stands in a key, and equal ones meet."""

import pytest

from optout.address import Address
from optout.aws.keyed_hash import KeyedHash
from optout.errors import Unavailable
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.subscribers.subscriber import Status, Subscriber
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tests.support.engine import Tables

ADA = Address.parse("Canary@Example.com")


def test_a_hash_is_stable_and_short() -> None:
    one, other = KeyedHash(lambda: b"pepper"), KeyedHash(lambda: b"pepper")
    assert one("ada@example.com") == other("ada@example.com")
    assert len(one("\u00e9")) == 32


def test_another_text_or_another_secret_has_another_hash() -> None:
    keyed = KeyedHash(lambda: b"pepper")
    hashes = {keyed("ada@example.com"), keyed("bob@example.com"), KeyedHash(lambda: b"salt")("ada@example.com")}
    assert len(hashes) == 3


@pytest.mark.parametrize("text", ["", "x", "ada@example.com", "oauth token x", "192.0.2.7 ", "192.0.2", "[::1]"])
def test_only_an_ip_address_has_the_hash_of_one(text: str) -> None:
    """Whoever may choose the text and sees its hash learns nothing about an address or a key."""
    assert KeyedHash(lambda: b"pepper").of_ip(text) == ""


def test_the_spellings_of_an_ip_address_have_one_hash_and_it_is_no_other_s() -> None:
    keyed = KeyedHash(lambda: b"pepper")
    assert keyed.of_ip("2001:DB8::1") == keyed.of_ip("2001:db8:0:0:0:0:0:1") != keyed("2001:db8::1")
    assert len(keyed.of_ip("192.0.2.7")) == 32


def test_the_secret_is_read_when_it_is_first_needed_and_once() -> None:
    secrets = [b"a later secret", b"pepper"]
    keyed = KeyedHash(secrets.pop)
    assert len(secrets) == 2
    assert keyed("a") == keyed("a") == KeyedHash(lambda: b"pepper")("a")
    assert len(secrets) == 1


def test_a_secret_that_could_not_be_read_is_asked_for_again() -> None:
    failures = iter([Unavailable()])

    def secret() -> bytes:
        for failure in failures:
            raise failure
        return b"pepper"

    keyed = KeyedHash(secret)
    with pytest.raises(Unavailable):
        keyed("a")
    assert keyed("a") == KeyedHash(lambda: b"pepper")("a")


def test_no_key_of_any_table_has_an_address_in_it(tables: Tables) -> None:
    suppress(tables.suppressions(), "acme", ADA, EVERYTHING, Reason.MANUAL, Origin("command", ip="192.0.2.77"))
    tables.subscribers().add(Subscriber("acme", "weekly", 5, ADA, None, Status.ACTIVE, 1))
    tables.campaigns().take_person(7, 0, ADA)
    for table in ("SuppressionsTable", "SubscribersTable", "CampaignsTable"):
        items = tables.items(table)
        assert items
        for item in items:
            keys = str([item["pk"], item["sk"], item.get("email_key")]).lower()
            assert "canary" not in keys
            assert "example.com" not in keys
    assert "192.0.2.77" not in str(tables.items("SuppressionsTable"))
