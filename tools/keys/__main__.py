"""`./dev key`: makes keys for a stack that is deployed in an AWS account, lists them, and ends them.

To rotate a key, make a second one, hand it out, and end the first: both are good until then.
"""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from optout.errors import Conflict, OptoutError
from tools.keys.cloud import CloudStack
from tools.keys.listing import NoSuchKey, listing, revoke, when
from tools.keys.make import make
from tools.keys.options import parse
from tools.stores import Stores


def main(words: Sequence[str] | None = None) -> int:
    options = parse(sys.argv[1:] if words is None else words)
    try:
        lines = _COMMANDS[options.command](Stores(CloudStack(options.stack)), options)
    except Conflict:
        return _fail(f"No user was made: {options.dialect} has one called {options.user}.")
    except NoSuchKey:
        return _fail(f"No key has the id {options.id}. `./dev key list` shows those that there are.")
    except (BotoCoreError, ClientError, OptoutError) as error:
        return _fail(
            f"{_FAILED[options.command]}: {error or type(error).__name__}",
            "Is the stack deployed, and does the environment hold credentials of its account?",
        )
    for line in lines:
        print(line)
    return 0


def _make(stores: Stores, options: argparse.Namespace) -> list[str]:
    return [f"{name}: {value}" for name, value in make(stores, options).items()]


def _list(stores: Stores, options: argparse.Namespace) -> list[str]:
    return [listing(stores, options.workspace)]


def _revoke(stores: Stores, options: argparse.Namespace) -> list[str]:
    key = revoke(stores, options.id)
    if key.revoked:
        return [f"The key {options.id} had been ended at {when(key.revoked)}."]
    may = key.credential
    return [f"The {may.dialect} key {options.id} of {may.workspace} is ended. Within a minute it opens nothing."]


_COMMANDS = {"make": _make, "list": _list, "revoke": _revoke}
_FAILED = {"make": "No key was made", "list": "No key can be listed", "revoke": "No key was ended"}


def _fail(*lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
