"""Every function built by `sam build` runs under AWS's runtime client with its event from events/."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.commands import artifact, invoke
from local.engine import clients
from local.settings import BUILD
from local.stack import Stack
from tools.paths import ROOT

needs_build = pytest.mark.skipif(
    not (BUILD / "template.yaml").exists(),
    reason="no build for this machine: run `./dev test` without arguments, which needs Python 3.13",
)


def built_functions() -> list[str]:
    return artifact.functions(artifact.load(BUILD)) if (BUILD / "template.yaml").exists() else []


@pytest.fixture(scope="module")
def endpoints() -> Iterator[invoke.Endpoints]:
    with Stack(seeded=False) as stack:
        yield invoke.Endpoints(stack.engine_url, stack.ses_url, stack.functions)


@needs_build
@pytest.mark.parametrize("function", built_functions())
def test_the_built_function_handles_its_event_under_the_runtime_client(
    function: str, endpoints: invoke.Endpoints
) -> None:
    answer = invoke.by_runtime_client(BUILD, function, None, endpoints)
    assert not answer.failed, f"{answer.payload}\n{answer.output}"
    if isinstance(answer.payload, dict) and "statusCode" in answer.payload:
        assert answer.payload["statusCode"] < 500, f"{answer.payload}\n{answer.output}"


def run(place: Path, code: str, event: bytes = b"{}", timeout: int = 3) -> invoke.Invocation:
    """Run a short handler with a layer under the runtime client."""
    task, layer = place / "task", place / "layer"
    (layer / "python").mkdir(parents=True)
    (layer / "python" / "both.py").write_text("origin = 'layer'")
    task.mkdir()
    (task / "small.py").write_text(code)
    configuration: dict[str, Any] = {
        "Runtime": "python3.13",
        "Handler": "small.handler",
        "FunctionName": "small",
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:small",
        "MemorySize": 128,
        "Timeout": timeout,
        "Environment": {"Variables": {"COLOUR": "green"}},
    }
    built = artifact.Artifact("small.handler", task, (layer,))
    return invoke.invoke(built, configuration, invoke.Endpoints("http://127.0.0.1:9", "http://127.0.0.1:9", {}), event)


def test_the_handler_gets_event_context_environment_and_layer(tmp_path: Path) -> None:
    code = "import os, both\ndef handler(e, c): return [e, c.function_name, os.environ['COLOUR'], both.origin]"
    assert run(tmp_path, code, b'{"a": 1}').payload == [{"a": 1}, "small", "green", "layer"]


def test_an_error_is_reported_as_lambda_does(tmp_path: Path) -> None:
    answer = run(tmp_path, "def handler(e, c): raise KeyError('x')")
    assert answer.failed
    assert answer.payload["errorType"] == "KeyError"


def test_a_handler_that_cannot_be_imported_is_reported(tmp_path: Path) -> None:
    answer = run(tmp_path, "import no_such_module")
    assert answer.failed
    assert answer.payload["errorType"] == "Runtime.ImportModuleError"


def test_a_runtime_that_ends_without_an_answer_is_reported(tmp_path: Path) -> None:
    answer = run(tmp_path, "import os\ndef handler(e, c): os._exit(3)")
    assert answer.failed
    assert answer.payload == {"errorType": "Runtime.ExitError", "errorMessage": "exit status 3"}


def test_the_user_s_aws_settings_are_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert run(tmp_path, "import os\ndef handler(e, c): return os.environ.get('AWS_PROFILE')").payload is None


def test_an_event_is_found_by_its_handler() -> None:
    assert invoke.event_file("repzo.check.handler") == ROOT / "events" / "repzo" / "check.json"


def test_clients_of_the_local_stack_ignore_the_users_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    assert clients.client("dynamodb", "http://127.0.0.1:9").meta.endpoint_url == "http://127.0.0.1:9"
