"""Adds sample data to an empty local stack: two workspaces, each with a newsletter, a subscriber, and keys and logins
for every dialect."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from optout import number
from optout.access.credential import Credential
from optout.access.limit import ANY, Window, Windows
from optout.address import Address
from optout.subscribers.subscribe import subscribe
from tools.keys import make
from tools.stores import Deployed, Stores

SENDER = "news@example.com"
NEWSLETTER = "weekly"
TITLE = "The Weekly"
WORKSPACE = "acme"
OTHER_WORKSPACE = "globex"
# High enough for a test suite, also for the lockout. The other workspace has the documented limits of the dialects.
HIGH_LIMITS: Mapping[str, Windows] = {ANY: (Window(60, 10_000), Window(3_600, 100_000), Window(86_400, 1_000_000))}


class EmptyStack(Deployed, Protocol):
    """A running stack without data, with its URLs."""

    @property
    def url(self) -> str: ...

    @property
    def mailbox_url(self) -> str: ...


def seed(stack: EmptyStack) -> dict[str, Any]:
    """Add the sample data; the credentials, in the format of `./dev credentials`."""
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
        "repzo": {"api_key": make.key(stores, _credential(workspace, "repzo"))["key"]},
        "letterbucket": {
            "api_key": _letterbucket(stores, workspace),
            "api_access_disabled": _letterbucket(stores, workspace, "subscribers"),
            "api_module_access_disabled": _letterbucket(stores, workspace, "api"),
        },
        "mirasvit": _mirasvit(stores, workspace),
        "native": {"api_key": _native(stores, workspace)},
    }


def _rocketchat(stores: Stores, workspace: str) -> dict[str, str]:
    user = number.to_meteor_id(secrets.randbits(52))
    grants = replace(_credential(workspace, "rocketchat"), user=user, newsletter=NEWSLETTER, senders=(SENDER,))
    token = make.key(stores, grants)["X-Auth-Token"]
    return {"user_id": user, "auth_token": token, **make.login(stores, grants, f"{workspace}-admin")}


def _letterbucket(stores: Stores, workspace: str, *permissions: str, limited: bool = False) -> str:
    grants = replace(_credential(workspace, "letterbucket", *permissions), newsletter=NEWSLETTER)
    return make.key(stores, replace(grants, limits={}) if limited else grants)["key"]


def _native(stores: Stores, workspace: str) -> str:
    grants = replace(_credential(workspace, "native"), newsletter=NEWSLETTER, senders=(SENDER,))
    return make.key(stores, grants)["key"]


def _mirasvit(stores: Stores, workspace: str) -> dict[str, str]:
    grants = _credential(workspace, "mirasvit")
    return {**make.login(stores, grants, f"{workspace}-admin"), **make.key(stores, grants)}


def _credential(workspace: str, dialect: str, *permissions: str) -> Credential:
    """The rights of a key or login: those of its dialect, unless permissions are named."""
    limits = {} if workspace == OTHER_WORKSPACE else HIGH_LIMITS
    rights = frozenset(permissions or make.PERMISSIONS[dialect])
    return Credential("", workspace, dialect, permissions=rights, limits=limits)
