"""boto3 clients for the local stack that ignore the user's AWS settings."""

from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from local.settings import REGION, ROOT_KEY

# These replace the user's profile, configuration file and credentials file.
NO_USER_SETTINGS: dict[str, Any] = {
    "profile": (None, [], None, None),
    "config_file": (None, None, "/nonexistent", None),
    "credentials_file": (None, None, "/nonexistent", None),
}
# Loopback traffic must not go through a proxy.
CONFIG = Config(proxies={}, retries={"total_max_attempts": 2}, max_pool_connections=32)


def session() -> boto3.Session:
    """A session with the local root key."""
    return boto3.Session(
        botocore_session=botocore.session.Session(session_vars=NO_USER_SETTINGS), region_name=REGION, **ROOT_KEY
    )


def client(service: str, endpoint: str) -> Any:
    """A client for one service at one endpoint."""
    return session().client(service, endpoint_url=endpoint, config=CONFIG)  # type: ignore[call-overload]
