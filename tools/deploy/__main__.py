"""`./dev deploy`: settle the settings of a stack, check the credentials, and print what `sam deploy` is to be given.

Questions and messages go to stderr, one argument a line to stdout. Exit code 2: something is missing, and stderr says
what to give.
"""

import sys
from collections.abc import Sequence

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy.options import parse
from tools.deploy.questions import ask_parameters, ask_region
from tools.deploy.settings import Settings, load, parameters, save


def main(words: Sequence[str] | None = None) -> int:
    """Settle the settings; the exit code."""
    options = parse(sys.argv[1:] if words is None else words)
    asks = sys.stdin.isatty() and not options.yes
    known = load(options.stack)
    region = options.region or known.region or boto3.Session().region_name or ""
    if asks and not options.region:
        region = ask_region(region, _ask)
    if not region:
        return _fail("No region is known.", "Give one: ./dev deploy --region eu-central-1")
    account = _account(region)
    if account is None:
        return _fail(
            "There are no AWS credentials that work.",
            "Log in first, for example: aws sso login --profile NAME; export AWS_PROFILE=NAME",
        )
    given = dict(options.set)
    left = [one for one in parameters() if one.name not in given]
    values = ask_parameters(known, left, _ask) if asks else {}
    settings = Settings(region, {**known.parameters, **values, **given})
    save(options.stack, settings)
    _say(f"· stack {options.stack} in account {account}, region {region}")
    print("\n".join(_arguments(options.stack, settings, confirms=asks)))
    return 0


def _arguments(stack: str, settings: Settings, *, confirms: bool) -> list[str]:
    confirm = "--confirm-changeset" if confirms else "--no-confirm-changeset"
    overrides = [f'{name}="{value}"' for name, value in settings.parameters.items()]
    named = ["--stack-name", stack, "--region", settings.region, confirm, "--no-fail-on-empty-changeset"]
    return [*named, "--parameter-overrides", *overrides] if overrides else named


def _account(region: str) -> str | None:
    try:
        return str(boto3.client("sts", region_name=region).get_caller_identity()["Account"])
    except (BotoCoreError, ClientError):
        return None


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _fail(*lines: str) -> int:
    for line in lines:
        _say(line)
    return 2


if __name__ == "__main__":
    sys.exit(main())
