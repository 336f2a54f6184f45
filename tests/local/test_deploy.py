"""`./dev deploy` asks before it builds, remembers, and needs no terminal; nothing of it can wait for an answer."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.settings import BUILD
from tests.support.stub_aws import ACCOUNT, stub_aws
from tools.deploy.questions import ask_parameters, ask_region
from tools.deploy.settings import FILE, Parameter, Settings, load, parameters, save
from tools.paths import LOCAL, ROOT

SAM = LOCAL / "sam" / "bin" / "sam"


@dataclass
class Cloud:
    """An AWS that the commands talk to, and what they asked of it."""

    environment: dict[str, str]
    calls: list[dict[str, str]]

    def settle(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "tools.deploy", *words, **environment)

    def run(self, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in (self.environment | environment).items() if value}
        command = [str(word) for word in words]
        return subprocess.run(
            command, check=False, env=own, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
        )


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    kept = FILE.read_text() if FILE.exists() else None
    FILE.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with stub_aws() as (url, calls):
        environment |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
            "HOME": str(tmp_path),
        }
        yield Cloud(environment, calls)
    FILE.unlink(missing_ok=True)
    if kept is not None:
        FILE.write_text(kept)


def test_without_a_terminal_nothing_is_asked(cloud: Cloud) -> None:
    done = cloud.settle("--stack", "trial", "--region", "eu-central-1", "--set", "SiteName=My shop & more")
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"· stack trial in account {ACCOUNT}, region eu-central-1\n"
    assert "--no-confirm-changeset" in done.stdout
    assert 'SiteName="My shop & more"' in done.stdout.splitlines()


def test_the_next_deployment_remembers_the_last_one(cloud: Cloud) -> None:
    cloud.settle("--stack", "trial", "--region", "eu-central-1", "--set", "SiteName=Mine")
    again = cloud.settle("--stack", "trial", "--set", "LogLevel=DEBUG")
    words = again.stdout.splitlines()
    assert words[words.index("--region") + 1] == "eu-central-1"
    assert {'SiteName="Mine"', 'LogLevel="DEBUG"'} <= set(words)


def test_a_stack_knows_nothing_of_another_one(cloud: Cloud) -> None:
    cloud.settle("--stack", "one", "--region", "eu-central-1", "--set", "SiteName=One")
    other = cloud.settle("--stack", "two", "--region", "us-west-2")
    assert "SiteName" not in other.stdout
    assert load("one").region == "eu-central-1"


def test_the_region_is_that_of_the_profile(cloud: Cloud, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[profile work]\nregion = ap-southeast-2\n")
    done = cloud.settle(AWS_CONFIG_FILE=str(config), AWS_PROFILE="work")
    assert "region ap-southeast-2" in done.stderr


@pytest.mark.parametrize(
    ("words", "environment", "says"),
    [
        ((), {}, "./dev deploy --region"),
        (("--region", "eu-central-1"), {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "aws sso login"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_built(
    cloud: Cloud, words: tuple[str, ...], environment: dict[str, str], says: str
) -> None:
    done = cloud.settle(*words, **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert not FILE.exists()


@pytest.mark.parametrize("setting", ["Nothing=1", "Architecture=x86_64", "LogLevel=TRACE"])
def test_a_setting_that_the_template_does_not_have_is_refused(cloud: Cloud, setting: str) -> None:
    assert cloud.settle("--region", "eu-central-1", "--set", setting).returncode == 2
    assert cloud.calls == []


def test_an_empty_answer_keeps_a_value_and_a_dash_empties_it() -> None:
    wanted = [
        Parameter("A", "a", "What A is.", ()),
        Parameter("B", "b", "What B is.", ()),
        Parameter("C", "c", ".", ()),
    ]
    answers = iter(["\n", "-\n", "given\n"])
    known = Settings("", {"A": "kept", "B": "gone"})
    assert ask_parameters(known, wanted, lambda _: next(answers)) == {"A": "kept", "B": "", "C": "given"}


def test_an_answer_that_is_not_allowed_is_asked_again() -> None:
    answers = iter(["TRACE\n", "DEBUG\n"])
    wanted = [Parameter("LogLevel", "INFO", "What is logged.", ("DEBUG", "INFO"))]
    assert ask_parameters(Settings(), wanted, lambda _: next(answers)) == {"LogLevel": "DEBUG"}


def test_a_region_is_asked_for_until_there_is_one() -> None:
    answers = iter(["\n", "eu-west-1\n"])
    assert ask_region("", lambda _: next(answers)) == "eu-west-1"


def test_every_parameter_but_the_builds_has_a_question() -> None:
    assert "Architecture" not in {one.name for one in parameters()}
    assert all(one.description for one in parameters())


def test_what_is_remembered_of_a_stack_is_whole_or_not_there(tmp_path: Path) -> None:
    file = tmp_path / "deploy.json"
    save("one", Settings("eu-central-1", {"SiteName": "One"}), file)
    save("two", Settings("us-east-1"), file)
    assert json.loads(file.read_text()).keys() == {"one", "two"}
    assert load("one", file) == Settings("eu-central-1", {"SiteName": "One"})


@pytest.mark.skipif(
    not (SAM.exists() and (BUILD / "template.yaml").exists()), reason="needs the built stack: ./dev test makes it"
)
def test_sam_deploy_asks_nothing_up_to_the_change_set(cloud: Cloud) -> None:
    settled = cloud.settle("--stack", "trial", "--region", "eu-central-1", "--set", "AlertEmail=ops@example.com")
    built = ["--template-file", str(BUILD / "template.yaml"), "--config-file", str(ROOT / "samconfig.toml")]
    done = cloud.run(SAM, "deploy", *built, *settled.stdout.splitlines())
    assert "This stub makes no change set." in done.stderr, done.stdout[-2000:] + done.stderr[-2000:]
    (change,) = (call for call in cloud.calls if call["Action"] == "CreateChangeSet")
    assert change["StackName"] == "trial"
    given = {value for name, value in change.items() if name.startswith("Parameters.")}
    assert {"AlertEmail", "ops@example.com"} <= given


def test_the_guided_deployment_is_used_nowhere() -> None:
    assert "--guided" not in (ROOT / "tools" / "env" / "sam.sh").read_text()
