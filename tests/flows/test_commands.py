"""The commands of README and docs/operations.md do what they say."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from local.stack import Stack
from optout.access.credential import Credential, sign_in
from tools.paths import ROOT
from tools.stores import Stores

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
(QUICK_START,) = (block.splitlines() for block in BLOCKS if "curl" in block)
KEYS = re.findall(r"^\./dev key (.+)$", "".join(BLOCKS), re.MULTILINE)
# The name under which `./dev key` prints a key, where it is not "key".
SECRETS = {"rocketchat": "X-Auth-Token", "mirasvit": "access_token"}
README_ADDRESS = "http://127.0.0.1:8080"
# Where each command is run. Only `deploy` needs an AWS account, so no test runs it.
COVERED = {
    "demo": "here",
    "up": "here, by the quick start",
    "credentials": "here, by the quick start",
    "down": "here, by the quick start",
    "help": "here",
    "key": "here",
    "test": "this run",
    "deploy": "by hand",
}


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # The environment is that of a terminal: nothing of this test run's Python paths.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "AWS_"))}
    return subprocess.run(
        words, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, timeout=300, check=False
    )


def make_key(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    return run(
        "./dev", "key", *words,
        AWS_ENDPOINT_URL=stack.engine_url, AWS_DEFAULT_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
    )  # fmt: skip


def test_every_command_of_the_readme_is_run_somewhere() -> None:
    inline = re.findall(r"`\./dev (\w+)[^`\n]*`", README)
    assert {*re.findall(r"\./dev (\w+)", "".join(BLOCKS)), *inline} == COVERED.keys()


def test_help_lists_every_command_of_the_readme() -> None:
    result = run("./dev", "help")
    assert result.returncode == 0
    listed = set(re.findall(r"^\./dev (\w+)", result.stdout, re.MULTILINE))
    assert COVERED.keys() - {"help"} <= listed


@pytest.fixture
def api() -> Iterator[str]:
    """The address of a stack that the quick start's first command started. A stack that is up already is left alone."""
    if run("./dev", "credentials").returncode == 0:
        pytest.skip("a stack is up already, and the quick start would write to it: ./dev down")
    started = run("./dev", "up", "--detach", "--port", "0")  # 8080 may be in use
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        yield json.loads(run("./dev", "credentials").stdout)["base_url"]
    finally:  # a busy machine may need longer than one `./dev down` waits
        assert any(run("./dev", "down").returncode == 0 for _ in range(10))


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("python3")), reason="the quick start needs curl and python3"
)
def test_the_quick_start_gives_the_answers_that_it_shows(api: str) -> None:
    first, *commands = [line for line in QUICK_START if not line.startswith("#")]
    assert first == "./dev up --detach"
    script = "\n".join(commands)
    assert README_ADDRESS in script
    result = run("bash", "-euo", "pipefail", "-c", script.replace(README_ADDRESS, api), no_proxy="127.0.0.1")
    assert result.returncode == 0, result.stderr
    shown = [line.removeprefix("# ") for line in QUICK_START if line.startswith("#")]
    answers = result.stdout.splitlines()
    assert len(answers) == len(shown) == sum("curl" in command for command in commands)
    for answer, pattern in zip(answers, shown, strict=True):
        assert re.fullmatch(".*".join(re.escape(part) for part in pattern.split("…")), answer)


def test_the_demo_ends_well_and_its_table_adds_up() -> None:
    result = run("./dev", "demo")
    assert result.returncode == 0, result.stdout + result.stderr
    totals = [line for line in result.stdout.splitlines() if re.search(r"  \d+ +\d+$", line)]
    sections = {line.split("  ")[1]: line.split()[-2:] for line in totals}
    audience = [int(count) for count in sections.pop("audience")]
    assert [sum(int(counts[send]) for counts in sections.values()) for send in (0, 1)] == audience
    assert [int(count) for count in sections["delivered"]] == [audience[0] - 1, audience[1] - 3]


@pytest.mark.parametrize(
    ("words", "header"),
    [
        ("repzo --workspace initech", "key"),
        ("repzo --workspace initech --override", "key"),
        ("native --workspace initech", "key"),
        ("mirasvit --workspace initech", "access_token"),
        ("letterbucket --workspace initech --newsletter weekly", "key"),
        ("rocketchat --workspace initech --newsletter weekly --sender @example.com", "X-Auth-Token"),
        *((words, SECRETS.get(words.split()[0], "key")) for words in KEYS),
    ],
)
def test_a_key_made_by_the_command_works_at_once(stack: Stack, words: str, header: str) -> None:
    result = make_key(stack, *words.split())
    assert result.returncode == 0, result.stderr
    shown = dict(line.split(": ") for line in result.stdout.splitlines())
    found = Stores(stack).credentials.find(shown[header])
    assert isinstance(found, Credential)
    dialect, _, workspace = words.split()[:3]
    assert (found.workspace, found.dialect, found.user) == (workspace, dialect, shown.get("X-User-Id", ""))
    assert ("override" in found.permissions) is words.endswith("--override")


@pytest.mark.parametrize(
    "words",
    [
        "mirasvit --workspace initech --user ada --override",
        "rocketchat --workspace initech --user ada --newsletter weekly --sender news@example.com",
    ],
)
def test_a_user_made_by_the_command_signs_in_with_the_password_that_was_shown(stack: Stack, words: str) -> None:
    result = make_key(stack, *words.split())
    assert result.returncode == 0, result.stderr
    shown = dict(line.split(": ") for line in result.stdout.splitlines())
    credentials = Stores(stack).credentials
    found = credentials.find(sign_in(credentials, words.split()[0], "ada", shown["password"], 60, 32))
    assert found is not None
    assert (found.workspace, "override" in found.permissions) == ("initech", "--override" in words)
    again = make_key(stack, *words.split())
    assert (again.returncode, again.stdout) == (1, "")
    assert "already has a user called ada" in again.stderr
    revoked = make_key(stack, "revoke", "--user", "ada", "--dialect", words.split()[0])
    assert (revoked.returncode, "have been revoked" in revoked.stdout) == (0, True), revoked.stderr
    assert credentials.login(words.split()[0], "ada") is None
    assert make_key(stack, *words.split()).returncode == 0


@pytest.mark.parametrize(
    "words", ["repzo --user ada", "mirasvit --user=", "letterbucket --newsletter weekly --override", "elsewhere"]
)
def test_what_a_dialect_does_not_have_is_not_made(stack: Stack, words: str) -> None:
    result = make_key(stack, *words.split(), "--workspace", "initech")
    assert (result.returncode, result.stdout) == (2, "")


def test_a_key_for_a_stack_that_is_not_there_says_what_to_look_at(stack: Stack) -> None:
    result = make_key(stack, "repzo", "--workspace", "initech", "--stack", "elsewhere")
    assert result.returncode == 1
    assert "Is the stack deployed" in result.stderr


def test_the_credentials_file_has_the_documented_shape(stack: Stack) -> None:
    document = json.loads(json.dumps(stack.credentials))
    assert set(document) == {
        "base_url", "mailbox_url", "from", "rocketchat", "repzo", "letterbucket", "letterbucket_limited", "mirasvit",
        "native", "other_workspace",
    }  # fmt: skip
    assert set(document["rocketchat"]) == {"user_id", "auth_token", "username", "password", "example"}
    assert set(document["rocketchat"]["example"]) == {"email", "_id", "createdAt"}
    assert set(document["other_workspace"]) >= {"rocketchat", "repzo", "letterbucket", "mirasvit"}
