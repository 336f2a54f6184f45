"""The contract of `Credentials`, kept by the fake and by DynamoDB alike; and how DynamoDB caches."""

import time
from dataclasses import replace

import pytest

from optout.credential import Credential, hash_key, new_key
from optout.errors import Conflict
from tests.adapters.conftest import Stores
from tests.adapters.tables import Tables

KEY = "sk_test"
FULL = Credential(
    hash_key(KEY),
    "acme",
    "rocketchat",
    "user",
    frozenset({"read", "send-mail"}),
    "weekly",
    ("a@b.example", "@c.example"),
)
PLAIN = Credential(hash_key(KEY), "acme", "repzo")


@pytest.mark.parametrize("credential", [FULL, PLAIN], ids=["full", "plain"])
def test_a_credential_is_found_by_its_key_alone(stores: Stores, credential: Credential) -> None:
    stores.credentials.add(credential)
    assert stores.credentials.find(KEY) == credential
    assert stores.credentials.find(credential.key_hash) is None
    assert stores.credentials.find(KEY + "x") is None


@pytest.mark.parametrize("odd", ["", "\ud800", "\0", "x" * 10_000, "key#"])
def test_no_text_is_a_key_unless_it_was_given_out(stores: Stores, odd: str) -> None:
    assert stores.credentials.find(odd) is None


def test_a_key_is_given_out_once(stores: Stores) -> None:
    stores.credentials.add(PLAIN)
    with pytest.raises(Conflict):
        stores.credentials.add(replace(FULL, workspace="rival"))
    assert stores.credentials.find(KEY) == PLAIN


def test_a_revoked_key_opens_nothing(stores: Stores) -> None:
    stores.credentials.add(PLAIN)
    stores.revoke(PLAIN.key_hash)
    assert stores.credentials.find(KEY) is None


def test_workspaces_are_known_by_their_credentials(stores: Stores) -> None:
    assert list(stores.credentials.workspaces()) == []
    for workspace in ("zeta", "acme", "zeta"):
        stores.credentials.add(Credential(hash_key(new_key()), workspace, "repzo"))
    assert list(stores.credentials.workspaces()) == ["acme", "zeta"]


def test_a_credential_that_was_found_is_believed_for_less_than_a_minute(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, now = tables.credentials(), [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    store.add(PLAIN)
    assert store.find(KEY)
    tables.revoke(PLAIN.key_hash)
    assert store.find(KEY) == PLAIN
    now[0] += 59
    assert store.find(KEY) is None


def test_a_key_that_was_not_found_is_asked_for_again(tables: Tables) -> None:
    store = tables.credentials()
    assert store.find(KEY) is None
    store.add(PLAIN)
    assert store.find(KEY) == PLAIN


def test_no_key_stands_in_the_table(tables: Tables) -> None:
    key = new_key()
    tables.credentials().add(Credential(hash_key(key), "acme", "repzo"))
    assert key not in str(tables.items("CredentialsTable"))
