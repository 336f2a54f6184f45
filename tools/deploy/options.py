"""The command-line options of `./dev deploy`."""

import argparse
from collections.abc import Sequence

from tools.deploy.settings import parameters


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The options. Prints usage and exits with 2 if they are invalid."""
    parser = argparse.ArgumentParser(
        prog="./dev deploy",
        description="Build the stack and deploy it to the AWS account of your credentials. On a terminal, it asks for "
        "what you do not give; elsewhere it takes what it remembers of the last deployment, and else the defaults.",
        epilog="Parameters: " + "; ".join(f"{one.name}: {one.description}" for one in parameters()),
    )
    parser.add_argument("--stack", default="optout", help="the stack's name (default: %(default)s)")
    parser.add_argument("--region", default="", help="the AWS region (default: that of your profile)")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=_setting,
        action="append",
        default=[],
        help="the value of a parameter (repeatable)",
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing, and apply the changes without a confirmation")
    return parser.parse_args(list(words))


def _setting(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    known = {one.name: one for one in parameters()}
    if name not in known:
        raise argparse.ArgumentTypeError(f"there is no parameter {name!r}; there are {', '.join(known)}")
    if known[name].allowed and value not in known[name].allowed:
        raise argparse.ArgumentTypeError(f"{name} is one of {', '.join(known[name].allowed)}")
    return name, value
