"""Creates a key, or a user with a password. Only hashes are stored: SHA-256 of a key, scrypt of a password."""

import argparse
import secrets
from dataclasses import replace

from mirasvit.oauth import consumer_secret, token_secret
from optout.access.credential import Credential, Login, hash_key, new_key
from optout.campaigns.draft import TRANSACTIONAL
from optout.number import to_meteor_id
from optout.suppressions.lift import OVERRIDE, REMOVE_OWN_OPT_OUT
from tools.stores import Stores

# The permissions of a new key, by dialect.
PERMISSIONS = {
    "rocketchat": {"send-mail"},
    "repzo": set[str](),
    "letterbucket": {"api", "subscribers"},
    "mirasvit": set[str](),
    "native": {"send-mail", "subscribers"},
}
# The permissions that an option of the same name adds, with the dialects that know them.
EXTRA = {
    OVERRIDE: {"repzo", "mirasvit", "native"},
    REMOVE_OWN_OPT_OUT: {"repzo", "mirasvit", "letterbucket"},
    TRANSACTIONAL: {"native"},
}


def make(stores: Stores, options: argparse.Namespace) -> dict[str, str]:
    """Store a new key or login, and its newsletter if that is new; the secrets, as `key` and `login` return them."""
    if options.newsletter:
        sender = options.sender[0] if options.dialect == "letterbucket" and options.sender else ""
        stores.subscribers.open_newsletter(options.workspace, options.newsletter, sender, options.title or "")
    grants = Credential(
        key_hash="",
        workspace=options.workspace,
        dialect=options.dialect,
        user=to_meteor_id(secrets.randbits(52)) if options.dialect == "rocketchat" else "",
        permissions=frozenset(PERMISSIONS[options.dialect] | extra_permissions(options)),
        newsletter=options.newsletter or "",
        senders=tuple(options.sender),
    )
    return login(stores, grants, options.user) if options.user else key(stores, grants)


def extra_permissions(options: argparse.Namespace) -> set[str]:
    """The permissions that the options ask for by name."""
    return {permission for permission in EXTRA if getattr(options, permission.replace("-", "_"))}


def login(stores: Stores, grants: Credential, username: str) -> dict[str, str]:
    """Store a user with these rights and a new password; both by name. Raises `Conflict` if the user exists."""
    password = new_key(length=20)
    stores.credentials.add_login(Login.of(grants.dialect, username, password, grants))
    return {"username": username, "password": password}


def key(stores: Stores, grants: Credential) -> dict[str, str]:
    """Store a new key with these rights; its secrets, by the names that clients of its dialect use."""
    secret = new_key("sk_", 32) if grants.dialect == "letterbucket" else new_key(length=43)
    if grants.dialect != "mirasvit":
        stores.credentials.add(replace(grants, key_hash=hash_key(secret)))
        return {"X-User-Id": grants.user, "X-Auth-Token": secret} if grants.user else {"key": secret}
    consumer, keyed_hash = new_key(length=32), stores.suppressions.keyed_hash
    stores.credentials.add(replace(grants, key_hash=hash_key(secret), consumer=hash_key(consumer)))
    return {
        "access_token": secret,
        "consumer_key": consumer,
        "consumer_secret": consumer_secret(keyed_hash, consumer),
        "token_secret": token_secret(keyed_hash, secret),
    }
