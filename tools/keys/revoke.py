"""Revokes a key, or a user with all tokens."""

from optout.access.credential import Key
from tools.keys.list import Listing
from tools.stores import Stores


class NoSuchKey(Exception):
    """No key, or more than one, has this id; or there is no such user."""


def revoke(stores: Stores, key_id: str) -> Key:
    """Revoke the key with this id; the key as it was before. Raises `NoSuchKey`."""
    found = [key for key in Listing.of(stores).keys if key.credential.id == key_id]
    if len(found) != 1:
        raise NoSuchKey(key_id)
    stores.credentials.revoke(found[0].credential.key_hash)
    return found[0]


def revoke_login(stores: Stores, dialect: str, username: str) -> None:
    """End the login of a user, and with it all tokens. Raises `NoSuchKey`."""
    if not stores.credentials.revoke_login(dialect, username):
        raise NoSuchKey(username)
