"""What `./dev deploy` remembers of a stack: its region and the values of its parameters, in a file that git ignores."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.paths import ROOT
from tools.template import template

FILE = ROOT / ".deploy.json"  # of stack name to settings


@dataclass(frozen=True)
class Parameter:
    """A parameter of the template."""

    name: str
    default: str
    description: str
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """The settings of one stack. A parameter that is not in ``parameters`` keeps the template's default."""

    region: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def parameters() -> list[Parameter]:
    """The parameters of the template that a person decides, in its order. The architecture is that of the build."""
    return [
        Parameter(
            name,
            str(one["Default"]),
            " ".join(one["Description"].split()),
            tuple(map(str, one.get("AllowedValues", ()))),
        )
        for name, one in template()["Parameters"].items()
        if name != "Architecture"
    ]


def load(stack: str, file: Path = FILE) -> Settings:
    """The remembered settings; empty ones for a stack that was never deployed from here."""
    known = json.loads(file.read_text()) if file.exists() else {}
    return Settings(**known.get(stack, {}))


def save(stack: str, settings: Settings, file: Path = FILE) -> None:
    """Remember the settings of a stack, beside those of others."""
    known = json.loads(file.read_text()) if file.exists() else {}
    known[stack] = {"region": settings.region, "parameters": dict(settings.parameters)}
    part = file.with_suffix(".part")
    part.write_text(json.dumps(known, indent=2) + "\n")
    part.replace(file)
