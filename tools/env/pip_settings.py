"""Prints pip's settings as shell exports for uv, which does not read them: indexes, find-links and certificate.

A machine that is configured for pip, for example with a company mirror, then works with uv too. Settings that the user
made for uv take precedence.
"""

import ast
import os
import shlex
import subprocess
import sys

SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
}
# Older names of uv's variables, which users may still set.
OLDER_NAMES = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}


def uv_settings(pip_config: str, environment: dict[str, str]) -> dict[str, str]:
    """The variables to export, from the output of `pip config list`. In pip, environment variables override files."""
    found: dict[str, str] = {}
    for line in sorted(pip_config.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        variable = SETTINGS.get(name.rpartition(".")[2])
        if not variable or variable in environment or OLDER_NAMES.get(variable) in environment:
            continue
        separator = "," if variable == "UV_FIND_LINKS" else " "
        found[variable] = separator.join(str(ast.literal_eval(value)).split())
    if "UV_INDEX" in found and "UV_INDEX_STRATEGY" not in environment:
        # pip searches all indexes, uv only the first that has the package. The lock files' hashes keep this safe.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


if __name__ == "__main__":
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for key, setting in uv_settings(listing, dict(os.environ)).items():
        print(f"export {key}={shlex.quote(setting)}")
