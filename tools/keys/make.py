"""A new key, or a user with a password. What is made is shown once and kept nowhere: the table holds the SHA-256 of a
key, and a password under scrypt."""

import argparse
import secrets
from dataclasses import replace

from mirasvit.oauth import consumer_secret, token_secret
from optout.access.credential import Credential, Login, hash_key, new_key
from optout.number import to_meteor_id
from tools.stores import Stores

DIALECTS = {
    "rocketchat": {"send-mail"},
    "repzo": set[str](),
    "letterbucket": {"api", "subscribers"},
    "mirasvit": set[str](),
    "native": {"send-mail", "subscribers"},
}


def make(stores: Stores, options: argparse.Namespace) -> dict[str, str]:
    """Store a new credential or login; what its owner has to be told."""
    if options.newsletter:
        sender = options.sender[0] if options.dialect == "letterbucket" and options.sender else ""
        stores.subscribers.open_newsletter(options.workspace, options.newsletter, sender, options.title or "")
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
    return _make_key(stores, may)


def _make_key(stores: Stores, may: Credential) -> dict[str, str]:
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
