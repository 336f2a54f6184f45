"""The set-up of ./dev: it finds a working Python and uses pip's settings for uv."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tools.env.pip_settings import uv_settings
from tools.paths import ROOT

LOCKS = [*sorted(ROOT.glob("tools/env/requirements/*.txt")), ROOT / "layers/deps/requirements.txt"]


def shim(place: Path, name: str, line: str) -> None:
    place.mkdir(exist_ok=True)
    file = place / name
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def found_python(*directories: Path) -> str:
    """The Python that ./dev finds in these directories."""
    tools = f"{os.pathsep.join(str(directory) for directory in directories)}:/usr/bin:/bin"
    environment = {"PATH": tools, "HOME": "/nonexistent", "PYENV_ROOT": str(directories[-1] / "pyenv")}
    script = ". tools/env/environments.sh; find_python"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_broken_shim_is_ignored(tmp_path: Path) -> None:
    dead, live = tmp_path / "dead", tmp_path / "live"
    shim(dead, "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    shim(live, "python3.13", f'exec "{sys.executable}" "$@"')
    assert Path(found_python(dead, live)).samefile(Path(sys.executable).resolve())


def test_a_python_that_is_too_old_is_ignored(tmp_path: Path) -> None:
    old, live = tmp_path / "old", tmp_path / "live"
    shim(old, "python3.13", "exit 1")
    shim(live, "python3.12", f'exec "{sys.executable}" "$@"')
    assert Path(found_python(old, live)).exists()


def test_pips_index_is_told_to_uv() -> None:
    listing = "global.index-url='https://mirror.example/simple'\nglobal.timeout='60'\n"
    assert uv_settings(listing, {}) == {"UV_DEFAULT_INDEX": "https://mirror.example/simple"}


def test_several_indexes_are_searched_together_as_pip_does() -> None:
    settings = uv_settings("global.extra-index-url='https://a.example\\nhttps://b.example'\n", {})
    assert settings == {"UV_INDEX": "https://a.example https://b.example", "UV_INDEX_STRATEGY": "unsafe-best-match"}


def test_pips_environment_wins_over_its_files() -> None:
    listing = ":env:.cert='/env.pem'\nglobal.cert='/file.pem'\n"
    assert uv_settings(listing, {}) == {"SSL_CERT_FILE": "/env.pem"}


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_what_the_user_set_for_uv_stays(name: str) -> None:
    assert uv_settings("global.index-url='https://mirror.example/simple'\n", {name: "https://mine.example"}) == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_by_hash_and_names_no_host(lock: Path) -> None:
    lines = lock.read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("--")]
    pins = [line for line in lines if line and not line.startswith(" ")]
    assert pins
    assert all("==" in pin and pin.endswith("\\") for pin in pins)


def test_the_deps_layer_leaves_boto3_to_the_runtime() -> None:
    assert "boto" not in (ROOT / "layers/deps/requirements.txt").read_text()
