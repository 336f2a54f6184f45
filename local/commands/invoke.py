"""`./dev invoke`: one function as built, with its file from events/.

Where Docker answers, `sam local invoke` runs it in AWS's image. Elsewhere AWS's own runtime client (awslambdaric) runs
the same artifact on this machine's Python, with the environment variables that the function has in the local stack.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.commands import artifact, running
from local.commands.runtime_api import Work, serving
from local.engine import clients
from local.settings import BUILD, HANDLER_PYTHON, REGION, ROOT_KEY
from local.stack import Stack
from tools.paths import LOCAL, ROOT, TEMPLATE

STARTING_TIME = 30.0


@dataclass(frozen=True)
class Endpoints:
    """Where a handler finds its AWS."""

    engine: str
    ses: str
    functions: dict[str, str]


@dataclass(frozen=True)
class Invocation:
    """What the handler answered, as Lambda would return it, and what it printed."""

    payload: Any
    failed: bool
    output: str


def event_file(handler: str) -> Path:
    """The event of a handler: that of repzo.check.handler is events/repzo/check.json."""
    return ROOT.joinpath("events", *handler.split(".")[:-1]).with_suffix(".json")


def environment(built: artifact.Artifact, configuration: dict[str, Any], endpoints: Endpoints) -> dict[str, str]:
    """What Lambda sets, what the template sets, and where the local stack is."""
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
    """Wait for the answer; False when the process ends without one, or its time is over."""
    deadline = time.monotonic() + STARTING_TIME + work.timeout
    while process.poll() is None and time.monotonic() < deadline:
        if work.done.wait(0.05):
            return True
    return work.done.is_set()


def invoke(built: artifact.Artifact, configuration: dict[str, Any], endpoints: Endpoints, event: bytes) -> Invocation:
    """Run one invocation in a process of its own."""
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
    """Look up how the local stack has configured the function, and invoke it so."""
    built = artifact.find(build, function)
    lambda_ = clients.client("lambda", endpoints.engine)
    configuration = lambda_.get_function_configuration(FunctionName=endpoints.functions[function])
    return invoke(built, configuration, endpoints, (event or event_file(configuration["Handler"])).read_bytes())


def docker_answers() -> bool:
    """Whether `sam local invoke` can work here."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def by_docker(build: Path, function: str, event: Path | None) -> int:
    """`sam local invoke`."""
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
    """Print the answer; exit 1 where the function failed."""
    parser = argparse.ArgumentParser(prog="./dev invoke")
    parser.add_argument("function", help="logical id, such as RepzoCheck")
    parser.add_argument("--event", type=Path, help="in place of its file in events/")
    options = parser.parse_args()
    if docker_answers():
        raise SystemExit(by_docker(BUILD, options.function, options.event))
    with ExitStack() as closing:
        try:
            stack: Stack | running.Running = running.find()
        except running.NothingUp:
            print("· no stack is up: starting one for this call", file=sys.stderr)
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
