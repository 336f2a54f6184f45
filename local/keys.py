"""Makes a key, or a user with a password, for a stack that is deployed in an AWS account: `./dev key`.

The account, region and profile are those of the environment, as for the AWS CLI. What is made is shown once and kept
nowhere; the table holds the SHA-256 of a key, and a password under scrypt.
"""

import argparse
import re
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.stores import Stores
from mirasvit.oauth import consumer_secret, token_secret
from optout.address import Address
from optout.credential import Credential, Login, hash_key, new_key
from optout.errors import BadAddress, Conflict, OptoutError
from optout.number import to_meteor_id

DIALECTS = {
    "rocketchat": {"send-mail"},
    "repzo": set[str](),
    "letterbucket": {"api", "subscribers"},
    "mirasvit": set[str](),
    "native": set[str](),
}
WITH_LOGIN = {"rocketchat", "mirasvit"}
MAY_OVERRIDE = {"repzo", "mirasvit", "native"}
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class CloudStack:
    """A stack in an AWS account."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def resources(self) -> dict[str, str]:
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [resource for page in pages for resource in page["StackResourceSummaries"]]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    def client(self, service: str) -> Any:
        return boto3.client(cast("Any", service))


def add(stores: Stores, options: argparse.Namespace) -> dict[str, str]:
    """Store a new credential or login; what its owner has to be told."""
    if options.newsletter:
        stores.subscribers.open_newsletter(options.workspace, options.newsletter)
    may = Credential(
        key_hash="",
        workspace=options.workspace,
        dialect=options.dialect,
        user=to_meteor_id(secrets.randbits(52)) if options.dialect == "rocketchat" else "",
        permissions=frozenset(DIALECTS[options.dialect] | ({"override"} if options.override else set())),
        newsletter=options.newsletter or "",
        senders=tuple(options.sender),
    )
    if options.user:
        password = new_key(length=20)
        stores.credentials.add_login(Login.of(options.dialect, options.user, password, may))
        return {"username": options.user, "password": password}
    return _add_key(stores, may)


def _add_key(stores: Stores, may: Credential) -> dict[str, str]:
    key = new_key("sk_", 32) if may.dialect == "letterbucket" else new_key(length=43)
    if may.dialect != "mirasvit":
        stores.credentials.add(replace(may, key_hash=hash_key(key)))
        return {"X-User-Id": may.user, "X-Auth-Token": key} if may.user else {"key": key}
    consumer, keyed_hash = new_key(length=32), stores.suppressions.keyed_hash
    stores.credentials.add(replace(may, key_hash=hash_key(key), consumer=hash_key(consumer)))
    return {
        "access_token": key,
        "consumer_key": consumer,
        "consumer_secret": consumer_secret(keyed_hash, consumer),
        "token_secret": token_secret(keyed_hash, key),
    }


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise argparse.ArgumentTypeError("a name is up to 40 small letters, digits and dashes")
    return text


def _sender(text: str) -> str:
    """An address, or ``@domain`` for every address there."""
    try:
        address = Address.parse(text if not text.startswith("@") else f"any{text}")
    except BadAddress as error:
        raise argparse.ArgumentTypeError("a sender is an address or @domain") from error
    return f"@{address.domain}" if text.startswith("@") else address.key_form


def parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev key", description="Makes a key of one dialect; it is shown once.")
    parser.add_argument("dialect", choices=DIALECTS)
    parser.add_argument("--stack", default="optout", help="the CloudFormation stack (default: optout)")
    parser.add_argument("--workspace", type=_slug, required=True, help="whose list it is; nothing crosses workspaces")
    parser.add_argument("--newsletter", type=_slug, help="what LetterBucket keys and mailings belong to")
    parser.add_argument(
        "--sender", type=_sender, action="append", default=[], help="an address or @domain to send from"
    )
    parser.add_argument("--user", help="make somebody who signs in with a password, in place of a key")
    parser.add_argument("--override", action="store_true", help="may lift bounces and complaints too")
    options = parser.parse_args(words)
    if options.dialect == "letterbucket" and not options.newsletter:
        parser.error("a LetterBucket key belongs to a newsletter: add --newsletter NAME")
    if options.dialect == "rocketchat" and not options.sender:
        parser.error("a Rocket.Chat credential sends mail: add --sender ADDRESS or --sender @DOMAIN")
    if options.user is not None and (options.dialect not in WITH_LOGIN or not options.user):
        parser.error("--user NAME is for dialects with a login: " + ", ".join(sorted(WITH_LOGIN)))
    if options.override and options.dialect not in MAY_OVERRIDE:
        parser.error("--override is for dialects that lift: " + ", ".join(sorted(MAY_OVERRIDE)))
    return options


def main(words: Sequence[str] | None = None) -> int:
    options = parse(words)
    try:
        shown = add(Stores(CloudStack(options.stack)), options)
    except Conflict:
        print(f"No user was made: {options.dialect} has one called {options.user}.", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError, OptoutError) as error:
        print(f"No key was made: {error or type(error).__name__}", file=sys.stderr)
        print("Is the stack deployed, and does the environment hold credentials of its account?", file=sys.stderr)
        return 1
    for name, value in shown.items():
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
