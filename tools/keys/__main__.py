"""`./dev key`: create, list and revoke the API keys of a stack in an AWS account.

To rotate a key: create a second one, switch the clients to it, then revoke the first. Both work until then.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from optout.access.credential import Credential, hash_key
from optout.errors import Conflict, OptoutError
from tools.keys.cloud import CloudStack
from tools.keys.list import Listing, when
from tools.keys.make import make
from tools.keys.options import STACK, parse
from tools.keys.revoke import NoSuchKey, revoke, revoke_login
from tools.stores import Stores

_BEARER = "Send the key as `Authorization: Bearer KEY`."
_USAGE = {
    "rocketchat": "Send both lines as request headers.",
    "repzo": "Send the key as `api-key: KEY` or as `Authorization: Bearer KEY`.",
    "letterbucket": _BEARER,
    "mirasvit": "Send the access token as `Authorization: Bearer TOKEN`, or sign with all four values (OAuth 1.0a).",
    "native": _BEARER,
}
_LOGIN_ROUTES = {
    "rocketchat": "POST /api/v1/login",
    "mirasvit": "POST /rest/V1/integration/admin/token",
}


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Secrets and lists go to stdout, everything else to stderr."""
    options = parse(sys.argv[1:] if words is None else words)
    try:
        _COMMANDS[options.command](Stores(CloudStack(options.stack)), options)
    except Conflict:
        return _fail(
            f"The user was not created: {options.dialect} already has a user called {options.user}.",
            "Choose another name: --user NAME. To give the user a new password, first revoke the user: "
            f"./dev key revoke --user {options.user} --dialect {options.dialect}",
        )
    except NoSuchKey:
        if options.user:
            return _fail(
                f"There is no {options.dialect} user called {options.user}, or the user is already revoked.",
                "To see all users: ./dev key list",
            )
        return _fail(f"There is no key with the id {options.id}. To see all keys: ./dev key list")
    except (BotoCoreError, ClientError, OptoutError) as error:
        return _fail(
            f"{_FAILED[options.command]}: {error or type(error).__name__}",
            "Is the stack deployed in this region, and does the environment have AWS credentials for its account?",
        )
    return 0


def _make(stores: Stores, options: argparse.Namespace) -> None:
    secrets = make(stores, options)
    for name, value in secrets.items():
        print(f"{name}: {value}")
    place = f"workspace {options.workspace}" + (f", newsletter {options.newsletter}" if options.newsletter else "")
    lines = _about_login(options, place) if options.user else _about_key(options, place, secrets)
    print(*lines, sep="\n", file=sys.stderr)


def _about_login(options: argparse.Namespace, place: str) -> list[str]:
    return [
        f"Created the {options.dialect} user {options.user} for {place}.",
        "Save the password now: it is not stored and cannot be shown again.",
        f"Log in with {_LOGIN_ROUTES[options.dialect]}.",
    ]


def _about_key(options: argparse.Namespace, place: str, secrets: Mapping[str, str]) -> list[str]:
    secret = next(secrets[name] for name in ("key", "X-Auth-Token", "access_token") if name in secrets)
    key_id = Credential(hash_key(secret), options.workspace, options.dialect).id
    stack = "" if options.stack == STACK else f" --stack {options.stack}"
    return [
        f"Created a {options.dialect} key with the id {key_id} for {place}.",
        "Save it now: it is not stored and cannot be shown again.",
        _USAGE[options.dialect],
        f"To revoke it: ./dev key revoke {key_id}{stack}",
    ]


def _list(stores: Stores, options: argparse.Namespace) -> None:
    listing = Listing.of(stores, options.workspace)
    print(json.dumps(listing.as_json(), indent=2) if options.json else listing.as_text())


def _revoke(stores: Stores, options: argparse.Namespace) -> None:
    if options.user:
        revoke_login(stores, options.dialect, options.user)
        print(f"The {options.dialect} user {options.user} and all tokens of this user have been revoked.")
        return
    key = revoke(stores, options.id)
    if key.revoked:
        print(f"The key {options.id} was already revoked at {when(key.revoked)}.")
        return
    grants = key.credential
    print(
        f"The {grants.dialect} key {options.id} of workspace {grants.workspace} has been revoked. "
        "It stops working within a minute."
    )


_COMMANDS = {"make": _make, "list": _list, "revoke": _revoke}
_FAILED = {
    "make": "The key was not created",
    "list": "The keys could not be listed",
    "revoke": "The key was not revoked",
}


def _fail(*lines: str) -> int:
    print(*lines, sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
