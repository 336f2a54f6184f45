"""A function as built by `sam build`: its code, its layers and its handler."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml


@dataclass(frozen=True)
class Artifact:
    """The directories of the built code and layers, and the handler's name."""

    handler: str
    code: Path
    layers: tuple[Path, ...]

    def layer_paths(self, runtime: str) -> list[Path]:
        """The import path of the layers. Lambda unpacks layer after layer into /opt, so the last layer comes first."""
        inside = (f"python/lib/{runtime}/site-packages", "python")
        return [layer / directory for layer in reversed(self.layers) for directory in inside]


def load(build: Path) -> dict[str, Any]:
    """The template in SAM's build directory."""
    template: dict[str, Any] = cfn_yaml.load(str(build / "template.yaml"))
    return template


def find(build: Path, function: str) -> Artifact:
    """The artifact of a function, by its logical id, in SAM's build directory. Raises `LookupError`."""
    template = load(build)
    resources = template["Resources"]
    if resources.get(function, {}).get("Type") != "AWS::Serverless::Function":
        raise LookupError(f"there is no function {function}; the functions are: {', '.join(functions(template))}")
    shared = template.get("Globals", {}).get("Function", {})
    properties = {**shared, **resources[function]["Properties"]}
    references = [*shared.get("Layers", []), *resources[function]["Properties"].get("Layers", [])]
    layers = [resources[reference["Ref"]]["Properties"]["ContentUri"] for reference in references]
    return Artifact(
        properties["Handler"],
        (build / properties["CodeUri"]).resolve(),
        tuple((build / layer).resolve() for layer in layers),
    )


def functions(template: dict[str, Any]) -> list[str]:
    """The logical ids of all functions."""
    resources = template["Resources"]
    return sorted(name for name, resource in resources.items() if resource["Type"] == "AWS::Serverless::Function")
