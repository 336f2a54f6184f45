"""Where the project's files are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCAL = ROOT / ".local"
TEMPLATE = ROOT / "template.yaml"
