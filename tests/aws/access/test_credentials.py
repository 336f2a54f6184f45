"""The contract of `Credentials`, kept by the fake and by DynamoDB alike; and how DynamoDB caches."""

import time
from dataclasses import replace

import pytest

from optout.access.credential import Credential, Key, Login, hash_key, new_key, sign_in
from optout.access.limit import Window
from optout.errors import BadLogin, Conflict
from tests.aws.conftest import Stores
from tests.support.engine import Tables

KEY = "sk_test"
FULL = Credential(
    hash_key(KEY),
    "acme",
    "rocketchat",
    "user",
    frozenset({"read", "send-mail"}),
    "weekly",
    ("a@b.example", "@c.example"),
    limits={"*": (Window(60, 10), Window(3_600, 20), Window(86_400, 30)), "bulk": ()},
)
PLAIN = Credential(hash_key(KEY), "acme", "repzo")
USER = replace(FULL, key_hash="", dialect="mirasvit")  # the rights of a login


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


def test_a_key_that_is_ended_opens_nothing_from_then_on(stores: Stores) -> None:
    stores.credentials.add(FULL)
    assert stores.credentials.find(KEY) == FULL
    for _ in range(2):
        stores.credentials.revoke(FULL.key_hash)
        assert stores.credentials.find(KEY) is None


def test_a_key_that_was_ended_is_never_given_out_again(stores: Stores) -> None:
    stores.credentials.add(FULL)
    stores.credentials.revoke(FULL.key_hash)
    with pytest.raises(Conflict):
        stores.credentials.add(PLAIN)
    assert stores.credentials.find(KEY) is None


def test_ending_a_key_ends_no_other_and_makes_none(stores: Stores) -> None:
    stores.credentials.add(FULL)
    stores.credentials.revoke(hash_key("another"))
    assert stores.credentials.find(KEY) == FULL
    assert stores.credentials.find("another") is None
    stores.credentials.add(replace(PLAIN, key_hash=hash_key("another")))
    assert stores.credentials.find("another")


def test_a_key_opens_nothing_after_its_time(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = int(time.time()) + 60
    stores.credentials.add(replace(FULL, consumer="c0ffee", expires=soon))
    assert stores.credentials.find(KEY) == replace(FULL, consumer="c0ffee", expires=soon)
    monkeypatch.setattr(time, "time", lambda: soon)
    assert stores.credentials.find(KEY) is None


def test_a_login_is_found_by_dialect_and_user_name(stores: Stores) -> None:
    login = Login.of("mirasvit", "Ada", "secret", replace(FULL, key_hash=""))
    stores.credentials.add_login(login)
    assert stores.credentials.login("mirasvit", "Ada") == login
    assert stores.credentials.login("mirasvit", "ada") is None
    assert stores.credentials.login("rocketchat", "Ada") is None


def test_a_user_name_is_given_once_per_dialect(stores: Stores) -> None:
    for dialect in ("mirasvit", "rocketchat"):
        stores.credentials.add_login(Login.of(dialect, "Ada", "secret", PLAIN))
    with pytest.raises(Conflict):
        stores.credentials.add_login(Login.of("mirasvit", "Ada", "other", PLAIN))


def test_who_knows_the_password_gets_a_key_for_a_time(stores: Stores) -> None:
    stores.credentials.add_login(Login.of("mirasvit", "Ada", "secret", USER))
    key = sign_in(stores.credentials, "mirasvit", "Ada", "secret", 3600, 32)
    found = stores.credentials.find(key)
    assert found
    assert found == replace(USER, key_hash=hash_key(key), expires=found.expires, login=found.login)
    assert len(key) == 32
    assert key != sign_in(stores.credentials, "mirasvit", "Ada", "secret", 3600, 32)


@pytest.mark.parametrize(
    ("user", "password"), [("Ada", "Secret"), ("ada", "secret"), ("Ada", ""), ("", ""), ("\ud800", "\0")]
)
def test_nobody_else_gets_one(stores: Stores, user: str, password: str) -> None:
    stores.credentials.add_login(Login.of("mirasvit", "Ada", "secret", PLAIN))
    with pytest.raises(BadLogin):
        sign_in(stores.credentials, "mirasvit", user, password, 3600, 32)


def test_the_keys_of_a_workspace_are_listed_and_tokens_are_not(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [replace(FULL, key_hash=hash_key(name)) for name in ("first", "second", "third")]
    for at, credential in enumerate(made, 1_000):
        monkeypatch.setattr(time, "time", lambda at=at: at)
        stores.credentials.add(credential)
    stores.credentials.add(replace(PLAIN, workspace="rival"))
    stores.credentials.add(replace(FULL, key_hash=hash_key("token"), expires=5_000))
    stores.credentials.add_login(Login.of("mirasvit", "Ada", "secret", FULL))
    assert list(stores.credentials.keys("acme")) == [Key(one, at) for at, one in enumerate(made, 1_000)]
    assert list(stores.credentials.keys("nobody")) == []


def test_a_key_that_was_ended_is_listed_with_its_first_end(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    for at, step in (
        (1_000, stores.credentials.add),
        (2_000, stores.credentials.revoke),
        (3_000, stores.credentials.revoke),
    ):
        monkeypatch.setattr(time, "time", lambda at=at: at)
        step(FULL if at == 1_000 else FULL.key_hash)  # type: ignore[arg-type]
    assert list(stores.credentials.keys("acme")) == [Key(FULL, 1_000, 2_000)]


def test_of_two_keys_for_the_same_thing_one_goes_on_when_the_other_is_ended(stores: Stores) -> None:
    old, new = (replace(FULL, key_hash=hash_key(key)) for key in ("old", "new"))
    for credential in (old, new):
        stores.credentials.add(credential)
    assert [stores.credentials.find(key) for key in ("old", "new")] == [old, new]
    stores.credentials.revoke(old.key_hash)
    assert [stores.credentials.find(key) for key in ("old", "new")] == [None, new]


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


def test_a_key_that_was_ended_elsewhere_dies_within_a_minute(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    here, elsewhere, now = tables.credentials(), tables.credentials(), [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    here.add(PLAIN)
    assert elsewhere.find(KEY)
    here.revoke(PLAIN.key_hash)
    assert here.find(KEY) is None
    now[0] += 59
    assert elsewhere.find(KEY) is None


def test_a_token_that_was_ended_elsewhere_opens_nothing_from_then_on(tables: Tables) -> None:
    here, elsewhere = tables.credentials(), tables.credentials()
    here.add(replace(PLAIN, expires=int(time.time()) + 60))
    assert elsewhere.find(KEY)
    here.revoke(PLAIN.key_hash)
    assert elsewhere.find(KEY) is None


def test_a_key_that_was_not_found_is_asked_for_again(tables: Tables) -> None:
    store = tables.credentials()
    assert store.find(KEY) is None
    store.add(PLAIN)
    assert store.find(KEY) == PLAIN


def test_no_key_stands_in_the_table(tables: Tables) -> None:
    key = new_key()
    tables.credentials().add(Credential(hash_key(key), "acme", "repzo"))
    assert key not in str(tables.items("CredentialsTable"))


def test_a_token_ends_with_its_login(stores: Stores) -> None:
    stores.credentials.add_login(Login.of("mirasvit", "Ada", "secret", USER))
    token, other = (sign_in(stores.credentials, "mirasvit", "Ada", "secret", 60, 32) for _ in range(2))
    assert stores.credentials.find(token)
    assert stores.credentials.revoke_login("mirasvit", "Ada")
    assert stores.credentials.find(token) is stores.credentials.find(other) is None
    assert stores.credentials.login("mirasvit", "Ada") is None
    with pytest.raises(BadLogin):
        sign_in(stores.credentials, "mirasvit", "Ada", "secret", 60, 32)


def test_a_revoked_user_is_added_again_with_a_new_password_and_without_the_old_tokens(stores: Stores) -> None:
    stores.credentials.add_login(Login.of("mirasvit", "Ada", "secret", USER))
    token = sign_in(stores.credentials, "mirasvit", "Ada", "secret", 60, 32)
    stores.credentials.revoke_login("mirasvit", "Ada")
    stores.credentials.add_login(Login.of("mirasvit", "Ada", "another", USER))
    assert stores.credentials.find(token) is None
    assert stores.credentials.find(sign_in(stores.credentials, "mirasvit", "Ada", "another", 60, 32))


def test_a_login_is_revoked_once_and_no_other_is(stores: Stores) -> None:
    for dialect, name in (("mirasvit", "Ada"), ("mirasvit", "Eve"), ("rocketchat", "Ada")):
        stores.credentials.add_login(Login.of(dialect, name, "secret", USER))
    assert stores.credentials.revoke_login("mirasvit", "Ada")
    assert not stores.credentials.revoke_login("mirasvit", "Ada")
    assert not stores.credentials.revoke_login("mirasvit", "Bob")
    assert stores.credentials.login("mirasvit", "Eve")
    assert stores.credentials.login("rocketchat", "Ada")


def test_the_users_of_a_workspace_are_listed_with_their_rights_and_times(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stores.credentials
    logins = [("mirasvit", "Ada", USER), ("rocketchat", "Ada", USER), ("rocketchat", "Eve", USER)]
    for at, (dialect, name, grants) in enumerate(logins, 1_000):
        monkeypatch.setattr(time, "time", lambda at=at: at)
        store.add_login(Login.of(dialect, name, "secret", replace(grants, dialect=dialect)))
    store.add_login(Login.of("mirasvit", "Bob", "secret", replace(USER, workspace="rival")))
    monkeypatch.setattr(time, "time", lambda: 2_000)
    store.revoke_login("rocketchat", "Ada")
    sign_in(store, "mirasvit", "Ada", "secret", 60, 32)
    found = [(user.username, user.grants.dialect, user.made, user.revoked) for user in store.users("acme")]
    assert found == [
        ("Ada", "mirasvit", 1_000, 0),
        ("Ada", "rocketchat", 1_001, 2_000),
        ("Eve", "rocketchat", 1_002, 0),
    ]
    assert next(iter(store.users("acme"))).grants == replace(USER, dialect="mirasvit")
    assert list(store.users("nobody")) == []


def test_a_user_that_was_added_again_is_listed_once_where_it_was_added_last(stores: Stores) -> None:
    store = stores.credentials
    for workspace in ("acme", "rival", "rival"):
        store.revoke_login("mirasvit", "Ada")
        store.add_login(Login.of("mirasvit", "Ada", "secret", replace(USER, workspace=workspace)))
    assert list(store.users("acme")) == []
    assert [(user.username, user.revoked) for user in store.users("rival")] == [("Ada", 0)]


def test_a_user_that_is_there_already_is_listed_in_no_other_workspace(stores: Stores) -> None:
    stores.credentials.add_login(Login.of("mirasvit", "Ada", "secret", USER))
    with pytest.raises(Conflict):
        stores.credentials.add_login(Login.of("mirasvit", "Ada", "secret", replace(USER, workspace="rival")))
    assert list(stores.credentials.users("rival")) == []


def test_workspaces_are_known_by_their_users(stores: Stores) -> None:
    stores.credentials.add_login(Login.of("mirasvit", "Ada", "secret", USER))
    assert list(stores.credentials.workspaces()) == ["acme"]
