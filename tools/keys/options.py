"""What `./dev key` is told: make a key of a dialect, list a workspace's keys, or end one."""

import argparse
import re
from collections.abc import Sequence

from optout.address import Address
from optout.errors import BadAddress
from tools.keys.make import DIALECTS

WITH_LOGIN = {"rocketchat", "mirasvit"}
MAY_OVERRIDE = {"repzo", "mirasvit", "native"}
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ID = re.compile(r"[0-9a-f]{12}")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """``command`` is make, list or revoke; the options of each are its own."""
    command = words[0] if words and words[0] in ("list", "revoke") else "make"
    options = _PARSERS[command](list(words if command == "make" else words[1:]))
    options.command = command
    return options


def _parse_list(words: list[str]) -> argparse.Namespace:
    parser = _parser("./dev key list", "Lists keys by their ids; the keys themselves are kept nowhere.")
    parser.add_argument("--workspace", type=_slug, help="whose keys (default: everybody's)")
    return parser.parse_args(words)


def _parse_revoke(words: list[str]) -> argparse.Namespace:
    parser = _parser("./dev key revoke", "Ends a key: within a minute it opens nothing any more.")
    parser.add_argument("id", type=_id, help="as `./dev key list` shows it")
    return parser.parse_args(words)


def _parse_make(words: list[str]) -> argparse.Namespace:
    parser = _parser("./dev key", "Makes a key of one dialect; it is shown once. See also: key list, key revoke.")
    parser.add_argument("dialect", choices=DIALECTS)
    parser.add_argument("--workspace", type=_slug, required=True, help="whose list it is; nothing crosses workspaces")
    parser.add_argument("--newsletter", type=_slug, help="what LetterBucket keys and mailings belong to")
    parser.add_argument(
        "--sender",
        type=_sender,
        action="append",
        default=[],
        help="an address or @domain to send from; for LetterBucket, the address that asks people to confirm",
    )
    parser.add_argument("--title", type=_title, help="what the newsletter is called in its own mails")
    parser.add_argument("--user", help="make somebody who signs in with a password, in place of a key")
    parser.add_argument("--override", action="store_true", help="may lift bounces and complaints too")
    options = parser.parse_args(words)
    _check(parser, options)
    return options


_PARSERS = {"make": _parse_make, "list": _parse_list, "revoke": _parse_revoke}


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description=description)
    parser.add_argument("--stack", default="optout", help="the CloudFormation stack (default: optout)")
    return parser


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    is_letterbucket = options.dialect == "letterbucket"
    if is_letterbucket and not options.newsletter:
        parser.error("a LetterBucket key belongs to a newsletter: add --newsletter NAME")
    if is_letterbucket and (len(options.sender) > 1 or "".join(options.sender).startswith("@")):
        parser.error("a newsletter's own mails come from one address: --sender ADDRESS")
    if options.title and not is_letterbucket:
        parser.error("--title is for LetterBucket's newsletters")
    if options.dialect == "rocketchat" and not options.sender:
        parser.error("a Rocket.Chat credential sends mail: add --sender ADDRESS or --sender @DOMAIN")
    if options.user is not None and (options.dialect not in WITH_LOGIN or not options.user):
        parser.error("--user NAME is for dialects with a login: " + ", ".join(sorted(WITH_LOGIN)))
    if options.override and options.dialect not in MAY_OVERRIDE:
        parser.error("--override is for dialects that lift: " + ", ".join(sorted(MAY_OVERRIDE)))


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise argparse.ArgumentTypeError("a name is up to 40 small letters, digits and dashes")
    return text


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise argparse.ArgumentTypeError("an id is 12 of the digits 0-9 and a-f, as `./dev key list` shows it")
    return text


def _title(text: str) -> str:
    if not text.strip() or len(text) > 100 or not text.isprintable():
        raise argparse.ArgumentTypeError("a title has up to 100 characters that can be printed")
    return text.strip()


def _sender(text: str) -> str:
    """An address, or ``@domain`` for every address there."""
    try:
        address = Address.parse(text if not text.startswith("@") else f"any{text}")
    except BadAddress as error:
        raise argparse.ArgumentTypeError("a sender is an address or @domain") from error
    return f"@{address.domain}" if text.startswith("@") else address.key_form
