"""Where the local stack keeps things, and the environment variables of its processes."""

import os
import shutil
from pathlib import Path

from tools.paths import LOCAL

RUNS = LOCAL / "run"
DATA = LOCAL / "data"
# What `sam build` makes for this machine, in place of the template's architecture.
BUILD = LOCAL / "build"
ENGINE_PYTHON = LOCAL / "engine" / "bin" / "python"
HANDLER_PYTHON = LOCAL / "handler" / "bin" / "python"
REGION = "us-east-1"
ACCOUNT = "000000000000"
# The engine takes these for the account's root; its functions get credentials of their own roles.
ROOT_KEY = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
IDENTITY = "example.com"
# A handler gets the engine's environment, so the engine gets nothing of the user's but these.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


def clean_environment(directory: Path) -> dict[str, str]:
    """Nothing of the user's AWS set-up: no variables, no profile, no ~/.aws. A temporary directory of its own."""
    home, temporary = directory / "home", directory / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    for path in (home, temporary):
        path.mkdir(parents=True, exist_ok=True)
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def engine_environment(directory: Path, port: int, ses_url: str, kept_data: Path | None) -> dict[str, str]:
    """The engine's settings; AWS_ENDPOINT_URL_SESV2 is for the handlers, which inherit it."""
    kept = {
        "PERSIST_STATE": "1",
        "STATE_DIR": f"{kept_data}/engine",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": f"{kept_data}/s3",
    }
    return {
        **clean_environment(directory),
        "AUTH": "true",
        "AWS_ENDPOINT_URL_SESV2": ses_url,
        "BIND_HOST": "127.0.0.1",
        # Containers of the user's are none of the engine's business.
        "DOCKER_HOST": "unix:///nonexistent",
        "GATEWAY_PORT": str(port),
        "HANDLER_PYTHON": str(HANDLER_PYTHON),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        **(kept if kept_data else {}),
    }
