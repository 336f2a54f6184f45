"""Starts the AWS emulator (ministack) with our corrections and the browser guard, on an inherited listening socket.

GATEWAY_PORT=... HANDLER_PYTHON=... .local/engine/bin/python -m local.engine FILE_DESCRIPTOR
"""

import asyncio
import os
import sys

import ministack.app
from hypercorn.asyncio import serve
from hypercorn.config import Config

from local.engine.corrections import correct
from local.guard import BrowserGuard


def main() -> None:
    """Serve until SIGTERM. The emulator then saves its state if persistence is on."""
    correct(os.environ["HANDLER_PYTHON"])
    config = Config()
    config.bind = [f"fd://{sys.argv[1]}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    asyncio.run(serve(BrowserGuard(ministack.app.app), config))


if __name__ == "__main__":
    main()
