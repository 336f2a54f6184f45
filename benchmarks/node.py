"""The same newsletter through nodemailer, in a Node process of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.newsletter import CONTENT, SENDER, Letter
from tools.paths import LOCAL

_PROGRAM = Path(__file__).parent / "nodemailer"
_INSTALLED = LOCAL / "nodemailer"
_LOCK = "package-lock.json"
_USER = dict(os.environ)  # as it is before handlers' variables are set: npm may need the user's proxy
_LONGEST = 120  # seconds


class NotMeasured(Exception):
    """The benchmark could not run."""


def nodemailer(port: int, mails: Sequence[Letter], rounds: int, say: Callable[[str], None]) -> float:
    """The CPU seconds per email, the minimum of several rounds; raises `NotMeasured`."""
    _install(say)
    task = {"port": port, "rounds": rounds, "sender": SENDER, "content": CONTENT, "letters": [*map(asdict, mails)]}
    environment = _USER | {"NODE_PATH": str(_INSTALLED / "node_modules")}
    ran = _run(["node", str(_PROGRAM / "loop.js")], environment, json.dumps(task))
    return float(ran) / 1_000_000


def _install(say: Callable[[str], None]) -> None:
    """Install the packages of the lock file below .local/, once."""
    for tool in ("node", "npm"):
        if shutil.which(tool, path=_USER.get("PATH")) is None:
            raise NotMeasured(f"{tool} is missing")
    lock = (_PROGRAM / _LOCK).read_bytes()
    done = _INSTALLED / "installed"
    if done.exists() and done.read_bytes() == lock:
        return
    say("  installing nodemailer below .local/")
    shutil.rmtree(_INSTALLED, ignore_errors=True)
    _INSTALLED.mkdir(parents=True)
    for name in ("package.json", _LOCK):
        shutil.copy(_PROGRAM / name, _INSTALLED)
    _run(["npm", "ci", "--prefix", str(_INSTALLED), "--ignore-scripts", "--no-audit", "--no-fund"], _USER)
    done.write_bytes(lock)


def _run(command: Sequence[str], environment: dict[str, str], text: str = "") -> str:
    """The output of a program."""
    try:
        ran = subprocess.run(
            command,
            cwd=LOCAL,
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotMeasured(f"{command[0]} failed") from error
    return ran.stdout
