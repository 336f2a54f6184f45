"""The local stack's directories and the environment variables of its processes."""

import os
import shutil
from pathlib import Path

from tools.paths import LOCAL

RUNS = LOCAL / "run"
DATA = LOCAL / "data"
# The output of `sam build` for this machine's architecture, not the template's.
BUILD = LOCAL / "build"
ENGINE_PYTHON = LOCAL / "engine" / "bin" / "python"
HANDLER_PYTHON = LOCAL / "handler" / "bin" / "python"
REGION = "us-east-1"
ACCOUNT = "000000000000"
# On AWS every execution environment has a processor of its own; here fifty may share two. Calls and requests may take
# this many times longer.
PATIENCE = 30
# The engine treats these as the root user of the account. Functions get credentials of their own roles.
ROOT_KEY = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
IDENTITY = "example.com"
# mailbox.json shows the message tag "cid", in which the mailer puts the campaign's number, as "campaign_id".
MAILBOX_FIELD = "campaign_id=cid"
# Handlers inherit the engine's environment, so the engine gets only these of the user's variables.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


def clean_environment(directory: Path) -> dict[str, str]:
    """Environment variables without the user's AWS settings (variables, profile, ~/.aws), with HOME and TMPDIR below
    ``directory``."""
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
    """The engine's environment variables. Handlers inherit them, and read AWS_ENDPOINT_URL_SESV2."""
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
        # The engine must not find the user's Docker.
        "DOCKER_HOST": "unix:///nonexistent",
        "GATEWAY_PORT": str(port),
        "HANDLER_PYTHON": str(HANDLER_PYTHON),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_REGION": REGION,
        "PATIENCE": str(PATIENCE),
        "SFTP_ENABLED": "0",
        **(kept if kept_data else {}),
    }
