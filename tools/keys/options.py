"""The command-line options of `./dev key`, `./dev key list` and `./dev key revoke`."""

import argparse
import re
from collections.abc import Sequence

from optout.address import Address
from optout.errors import BadAddress
from tools.keys.make import EXTRA, PERMISSIONS, extra_permissions

WITH_LOGIN = {"rocketchat", "mirasvit"}
STACK = "optout"
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ID = re.compile(r"[0-9a-f]{12}")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The options; ``command`` is make, list or revoke. Prints usage and exits with 2 if they are invalid."""
    command = words[0] if words and words[0] in ("list", "revoke") else "make"
    options = _PARSERS[command](list(words if command == "make" else words[1:]))
    options.command = command
    return options


def _parse_list(words: list[str]) -> argparse.Namespace:
    parser = _parser(
        "./dev key list",
        "List the keys with their ids, and the users, also revoked ones. Keys and passwords themselves are not stored.",
    )
    parser.add_argument("--workspace", type=_slug, help="list only the keys and users of this workspace")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser.parse_args(words)


def _parse_revoke(words: list[str]) -> argparse.Namespace:
    parser = _parser(
        "./dev key revoke",
        "Revoke a key, which stops working within a minute, or a user with all tokens, which stop at once.",
        "A user that is revoked can be created again with a new password: `./dev key DIALECT --user NAME`.",
    )
    parser.add_argument("id", type=_id, nargs="?", help="the key's id, from `./dev key list`")
    parser.add_argument("--user", help="the user to revoke instead of a key")
    parser.add_argument("--dialect", choices=sorted(WITH_LOGIN), help="the dialect of the user")
    options = parser.parse_args(words)
    if (options.id is None) == (options.user is None) or (options.user is None) != (options.dialect is None):
        parser.error("give the ID of a key, or --user NAME with --dialect DIALECT")
    return options


def _parse_make(words: list[str]) -> argparse.Namespace:
    parser = _parser(
        "./dev key",
        "Create a key for one dialect and print it. It is not stored and cannot be shown again.",
        "See also: `./dev key list --help` and `./dev key revoke --help`.",
    )
    parser.add_argument("dialect", choices=PERMISSIONS, help="the API that the key is for")
    parser.add_argument(
        "--workspace", type=_slug, required=True, help="the workspace; every workspace has its own suppression list"
    )
    parser.add_argument("--newsletter", type=_slug, help="the newsletter of the key; created if it does not exist")
    parser.add_argument(
        "--sender",
        type=_sender,
        action="append",
        default=[],
        help="an address, or @domain, that the key may send from (repeatable); for LetterBucket, the address that "
        "sends the confirmation emails",
    )
    parser.add_argument("--title", type=_title, help="the newsletter's name in its confirmation emails (LetterBucket)")
    parser.add_argument("--user", help="create a user with a password instead of a key (Rocket.Chat, Mirasvit)")
    parser.add_argument(
        "--override",
        action="store_true",
        help="allow the key to remove bounces, and with --remove-own-opt-out complaints, too",
    )
    parser.add_argument(
        "--remove-own-opt-out",
        action="store_true",
        help="allow the key to remove opt-outs that people made themselves, by a link or at the email provider",
    )
    parser.add_argument(
        "--transactional",
        action="store_true",
        help="allow the key to send transactional campaigns, which an opt-out does not stop (native)",
    )
    options = parser.parse_args(words)
    _check(parser, options)
    return options


_PARSERS = {"make": _parse_make, "list": _parse_list, "revoke": _parse_revoke}


def _parser(name: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description=description, epilog=epilog)
    parser.add_argument("--stack", default=STACK, help="name of the CloudFormation stack (default: %(default)s)")
    return parser


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    is_letterbucket = options.dialect == "letterbucket"
    if is_letterbucket and not options.newsletter:
        parser.error("a LetterBucket key belongs to one newsletter: add --newsletter NAME")
    if is_letterbucket and (len(options.sender) > 1 or "".join(options.sender).startswith("@")):
        parser.error("a LetterBucket newsletter has exactly one sender address: --sender ADDRESS")
    if options.title and not is_letterbucket:
        parser.error("--title applies only to letterbucket")
    if options.dialect == "rocketchat" and not options.sender:
        parser.error("a Rocket.Chat key sends email: add --sender ADDRESS or --sender @DOMAIN")
    if options.user is not None and (options.dialect not in WITH_LOGIN or not options.user):
        parser.error(f"--user NAME applies only to {' and '.join(sorted(WITH_LOGIN))}")
    for permission in sorted(extra_permissions(options)):
        if options.dialect not in EXTRA[permission]:
            parser.error(f"--{permission} applies only to {', '.join(sorted(EXTRA[permission]))}")


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise argparse.ArgumentTypeError("use up to 40 lowercase letters, digits and dashes, not starting with a dash")
    return text


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise argparse.ArgumentTypeError("an id has 12 hexadecimal digits (0-9, a-f); see ./dev key list")
    return text


def _title(text: str) -> str:
    if not text.strip() or len(text) > 100 or not text.isprintable():
        raise argparse.ArgumentTypeError("use 1 to 100 printable characters")
    return text.strip()


def _sender(text: str) -> str:
    """An address, or ``@domain`` for every address of the domain."""
    try:
        address = Address.parse(text if not text.startswith("@") else f"any{text}")
    except BadAddress as error:
        raise argparse.ArgumentTypeError("use an email address or @domain") from error
    return f"@{address.domain}" if text.startswith("@") else address.key_form
