"""`./dev invoke`: run one built function with its event from events/.

If Docker is available, `sam local invoke` runs it in AWS's image. Otherwise AWS's runtime client (awslambdaric) runs
the same artifact with this machine's Python, with the environment variables of the function in the local stack.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.commands import artifact, instance
from local.commands.runtime_api import Work, serving
from local.engine import clients
from local.poll import poll
from local.settings import BUILD, HANDLER_PYTHON, REGION, ROOT_KEY
from local.stack import Stack
from tools.paths import LOCAL, ROOT, TEMPLATE

STARTING_TIME = 30.0


@dataclass(frozen=True)
class Endpoints:
    """The URLs of the local stack for a handler, and its functions (logical id to name)."""

    engine: str
    ses: str
    functions: dict[str, str]


@dataclass(frozen=True)
class Invocation:
    """The handler's result as Lambda would return it, and the output of its process."""

    payload: Any
    failed: bool
    output: str


def event_file(handler: str) -> Path:
    """The event file of a handler: for repzo.check.handler it is events/repzo/check.json."""
    return ROOT.joinpath("events", *handler.split(".")[:-1]).with_suffix(".json")


def environment(built: artifact.Artifact, configuration: dict[str, Any], endpoints: Endpoints) -> dict[str, str]:
    """The environment variables of Lambda and of the template, and the URLs of the local stack."""
    layers = built.layer_paths(configuration["Runtime"])
    return {
        **configuration.get("Environment", {}).get("Variables", {}),
        "PATH": os.environ["PATH"],
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": "/nonexistent",
        "PYTHONPATH": os.pathsep.join(str(path) for path in layers),
        "AWS_ACCESS_KEY_ID": ROOT_KEY["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY["aws_secret_access_key"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoints.engine,
        "AWS_ENDPOINT_URL_SESV2": endpoints.ses,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{configuration['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{configuration['FunctionName']}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_TASK_ROOT": str(built.code),
        "_HANDLER": configuration["Handler"],
    }


def finished(process: subprocess.Popen[bytes], work: Work) -> bool:
    """Wait for the result. False if the process exits without one or runs out of time."""
    poll(lambda: work.done.is_set() or process.poll() is not None, STARTING_TIME + work.timeout, pause=0.05)
    return work.done.is_set()


def invoke(built: artifact.Artifact, configuration: dict[str, Any], endpoints: Endpoints, event: bytes) -> Invocation:
    """Invoke the handler in a process of its own."""
    work = Work(event, configuration["FunctionArn"], float(configuration["Timeout"]))
    with tempfile.TemporaryDirectory(prefix="optout-") as temporary, serving(work) as address:
        log = Path(temporary, "log")
        variables = environment(built, configuration, endpoints)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [HANDLER_PYTHON, "-m", "awslambdaric", configuration["Handler"]],
                cwd=built.code,
                env={**variables, "AWS_LAMBDA_RUNTIME_API": address},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            answered = finished(process, work)
            process.kill()
            process.wait()
        said = log.read_text(errors="replace")
    if not answered:
        code = process.returncode
        reason = "Sandbox.Timedout" if code == -signal.SIGKILL else "Runtime.ExitError"
        return Invocation({"errorType": reason, "errorMessage": f"exit status {code}"}, True, said)
    return Invocation(json.loads(work.payload or b"null"), work.failed, said)


def by_runtime_client(build: Path, function: str, event: Path | None, endpoints: Endpoints) -> Invocation:
    """Invoke a function, by its logical id, with its configuration in the local stack."""
    built = artifact.find(build, function)
    lambda_ = clients.client("lambda", endpoints.engine)
    configuration = lambda_.get_function_configuration(FunctionName=endpoints.functions[function])
    return invoke(built, configuration, endpoints, (event or event_file(configuration["Handler"])).read_bytes())


def docker_is_available() -> bool:
    """Whether Docker is available, which `sam local invoke` needs."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def by_docker(build: Path, function: str, event: Path | None) -> int:
    """Run `sam local invoke`; its exit code."""
    handler = artifact.find(build, function).handler
    command: list[str | Path] = [
        LOCAL / "sam" / "bin" / "sam",
        "local",
        "invoke",
        function,
        "--template",
        build / "template.yaml",
    ]
    command += ["--event", event or event_file(handler)]
    return subprocess.run(command, env={**os.environ, "SAM_CLI_TELEMETRY": "0"}).returncode


def main() -> None:
    """Print the result; exit with 1 if the function failed."""
    parser = argparse.ArgumentParser(prog="./dev invoke", description="Run one built function with one event.")
    parser.add_argument("function", help="logical ID of the function in template.yaml, for example RepzoCheck")
    parser.add_argument("--event", type=Path, help="event file (default: the function's file in events/)")
    options = parser.parse_args()
    if docker_is_available():
        raise SystemExit(by_docker(BUILD, options.function, options.event))
    with ExitStack() as closing:
        try:
            stack: Stack | instance.Instance = instance.find()
        except instance.NotRunning:
            print("· no local stack is running; starting one for this call", file=sys.stderr)
            stack = closing.enter_context(Stack(template=TEMPLATE))
        endpoints = Endpoints(stack.engine_url, stack.ses_url, stack.functions)
        answer = by_runtime_client(BUILD, options.function, options.event, endpoints)
    sys.stderr.write(answer.output)
    print(json.dumps(answer.payload, indent=2))
    raise SystemExit(answer.failed)


if __name__ == "__main__":
    try:
        main()
    except LookupError as error:
        raise SystemExit(f"dev: {error}") from None
