"""Fills an empty local stack: two workspaces, each with a newsletter, one subscriber, and keys and logins of every
dialect."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from mirasvit.oauth import consumer_secret, token_secret
from optout import number
from optout.access.credential import Credential, Login, hash_key, new_key
from optout.access.limit import ANY, Window, Windows
from optout.address import Address
from optout.subscribers.subscribe import subscribe
from tools.stores import Deployed, Stores

SENDER = "news@example.com"
NEWSLETTER = "weekly"
TITLE = "The Weekly"
WORKSPACE = "acme"
OTHER_WORKSPACE = "globex"
# Enough for a test suite, lockout included. The other workspace has what the dialects document.
OFTEN: Mapping[str, Windows] = {ANY: (Window(60, 10_000), Window(3_600, 100_000), Window(86_400, 1_000_000))}


class EmptyStack(Deployed, Protocol):
    """A running stack without data: where it answers, besides its clients and resources."""

    @property
    def url(self) -> str: ...

    @property
    def mailbox_url(self) -> str: ...


def seed(stack: EmptyStack) -> dict[str, Any]:
    """Make the credentials of a local stack; the document that `./dev credentials` writes."""
    stores = Stores(stack)
    document = {
        "base_url": stack.url,
        "mailbox_url": stack.mailbox_url,
        "from": SENDER,
        **_workspace(stores, WORKSPACE),
    }
    document["letterbucket_limited"] = {"api_key": _letterbucket(stores, WORKSPACE, limited=True)}
    document["other_workspace"] = _workspace(stores, OTHER_WORKSPACE)
    return document


def _workspace(stores: Stores, workspace: str) -> dict[str, Any]:
    stores.subscribers.open_newsletter(workspace, NEWSLETTER, SENDER, TITLE)
    person = subscribe(
        stores.subscribers, workspace, NEWSLETTER, Address.parse(f"example@{workspace}.example"), name="Ada Example"
    )
    return {
        "rocketchat": {
            **_rocketchat(stores, workspace),
            "example": {
                "email": person.address.original,
                "_id": number.to_meteor_id(person.number),
                "createdAt": str(person.created),
            },
        },
        "repzo": {"api_key": _key(stores, _credential(workspace, "repzo"))},
        "letterbucket": {
            "api_key": _letterbucket(stores, workspace),
            "api_access_disabled": _letterbucket(stores, workspace, "subscribers"),
            "api_module_access_disabled": _letterbucket(stores, workspace, "api"),
        },
        "mirasvit": _mirasvit(stores, workspace),
        "native": {"api_key": _native(stores, workspace)},
    }


def _rocketchat(stores: Stores, workspace: str) -> dict[str, str]:
    may = replace(
        _credential(workspace, "rocketchat", "send-mail"),
        user=number.to_meteor_id(secrets.randbits(52)),
        newsletter=NEWSLETTER,
        senders=(SENDER,),
    )
    return {"user_id": may.user, "auth_token": _key(stores, may), **_login(stores, may)}


def _letterbucket(stores: Stores, workspace: str, *permissions: str, limited: bool = False) -> str:
    may = replace(
        _credential(workspace, "letterbucket", *(permissions or ("api", "subscribers"))), newsletter=NEWSLETTER
    )
    return _key(stores, replace(may, limits={}) if limited else may, "sk_", 32)


def _native(stores: Stores, workspace: str) -> str:
    may = _credential(workspace, "native", "send-mail", "subscribers")
    return _key(stores, replace(may, newsletter=NEWSLETTER, senders=(SENDER,)))


def _mirasvit(stores: Stores, workspace: str) -> dict[str, str]:
    may, consumer = _credential(workspace, "mirasvit"), new_key(length=32)
    token = _key(stores, replace(may, consumer=hash_key(consumer)), length=32)
    keyed_hash = stores.suppressions.keyed_hash
    return {
        **_login(stores, may),
        "access_token": token,
        "consumer_key": consumer,
        "consumer_secret": consumer_secret(keyed_hash, consumer),
        "token_secret": token_secret(keyed_hash, token),
    }


def _credential(workspace: str, dialect: str, *permissions: str) -> Credential:
    limits = {} if workspace == OTHER_WORKSPACE else OFTEN
    return Credential("", workspace, dialect, permissions=frozenset(permissions), limits=limits)


def _login(stores: Stores, grants: Credential) -> dict[str, str]:
    """Store somebody whose tokens may do this; their name and password."""
    username, password = f"{grants.workspace}-admin", new_key(length=20)
    stores.credentials.add_login(Login.of(grants.dialect, username, password, grants))
    return {"username": username, "password": password}


def _key(stores: Stores, may: Credential, prefix: str = "", length: int = 43) -> str:
    """Store a credential that may do this under a fresh key; the key, which is kept nowhere."""
    key = new_key(prefix, length)
    stores.credentials.add(replace(may, key_hash=hash_key(key)))
    return key
