"""Paths of the project's files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCAL = ROOT / ".local"
TEMPLATE = ROOT / "template.yaml"
