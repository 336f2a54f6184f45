"""Fills an empty local stack: two workspaces, a newsletter and a key of every dialect in each, one subscriber."""

import secrets
from typing import TYPE_CHECKING, Any

from local.stores import Stores
from optout import number
from optout.address import Address
from optout.credential import Credential, hash_key, new_key
from optout.subscriber import subscribe

if TYPE_CHECKING:
    from local.stack import Stack

SENDER = "news@example.com"
NEWSLETTER = "weekly"
WORKSPACE = "acme"
OTHER_WORKSPACE = "globex"


def seed(stack: "Stack") -> dict[str, Any]:
    """Make the credentials of a local stack; the document that `./dev credentials` writes."""
    stores = Stores(stack)
    document = {
        "base_url": stack.url,
        "mailbox_url": stack.mailbox_url,
        "from": SENDER,
        **_workspace(stores, WORKSPACE),
    }
    document["letterbucket_limited"] = {"api_key": _letterbucket(stores, WORKSPACE)}
    document["other_workspace"] = _workspace(stores, OTHER_WORKSPACE)
    return document


def _workspace(stores: Stores, workspace: str) -> dict[str, Any]:
    stores.subscribers.open_newsletter(workspace, NEWSLETTER)
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
        "repzo": {"api_key": _key(stores, workspace, "repzo")},
        "letterbucket": {
            "api_key": _letterbucket(stores, workspace),
            "api_access_disabled": _letterbucket(stores, workspace, "subscribers"),
            "api_module_access_disabled": _letterbucket(stores, workspace, "api"),
        },
        "mirasvit": {
            "username": f"{workspace}-admin",
            "password": new_key(length=20),
            "access_token": _key(stores, workspace, "mirasvit", length=32),
            "consumer_key": new_key(length=32),
            "consumer_secret": new_key(length=32),
            "token_secret": new_key(length=32),
        },
        "native": {"api_key": _key(stores, workspace, "native")},
    }


def _rocketchat(stores: Stores, workspace: str) -> dict[str, str]:
    user = number.to_meteor_id(secrets.randbits(52))
    token = _key(
        stores, workspace, "rocketchat", user=user, permissions=frozenset({"send-mail"}), newsletter=NEWSLETTER,
        senders=(SENDER,),
    )  # fmt: skip
    return {"user_id": user, "auth_token": token, "username": f"{workspace}-admin", "password": new_key(length=20)}


def _letterbucket(stores: Stores, workspace: str, *permissions: str) -> str:
    granted = frozenset(permissions or ("api", "subscribers"))
    return _key(stores, workspace, "letterbucket", prefix="sk_", length=32, permissions=granted, newsletter=NEWSLETTER)


def _key(
    stores: Stores,
    workspace: str,
    dialect: str,
    *,
    prefix: str = "",
    length: int = 43,
    user: str = "",
    permissions: frozenset[str] = frozenset(),
    newsletter: str = "",
    senders: tuple[str, ...] = (),
) -> str:
    """Store a fresh credential and hand out its key, which is kept nowhere."""
    key = new_key(prefix, length)
    stores.credentials.add(Credential(hash_key(key), workspace, dialect, user, permissions, newsletter, senders))
    return key
