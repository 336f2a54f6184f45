"""Resolves the intrinsic functions in the API definition of a processed template."""

import re
from collections.abc import Callable, Mapping
from typing import Any

PLACEHOLDER = re.compile(r"\$\{([^!}]+)\}")
LITERAL_DOLLAR = re.compile(r"\$\{!([^}]*)\}")
Attribute = Callable[[str, str], str]


class Intrinsics:
    """Ref, Fn::GetAtt, Fn::Sub and Fn::Join, resolved with the values of a deployed stack."""

    def __init__(self, references: Mapping[str, str], attribute: Attribute) -> None:
        self.references = references
        self.attribute = attribute

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic function replaced. Raises `NotImplementedError` for an unknown function."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            function = getattr(self, "_" + name.removeprefix("Fn::").lower(), None)
            if function and (name == "Ref" or name.startswith("Fn::")):
                return function(argument)
            if name.startswith("Fn::"):
                raise NotImplementedError(f"{name} is not supported by the local stack; add it to {__name__}")
        return {key: self.resolve(item) for key, item in value.items()}

    def _ref(self, name: str) -> str:
        return self.references[name]

    def _getatt(self, argument: str | list[str]) -> str:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self.attribute(name, attribute)

    def _sub(self, argument: str | list[Any]) -> str:
        text, variables = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def replacement(match: re.Match[str]) -> str:
            name = match[1]
            if name in variables:
                return str(variables[name])
            return self._getatt(name) if "." in name else self._ref(name)

        return LITERAL_DOLLAR.sub(r"${\1}", PLACEHOLDER.sub(replacement, text))

    def _join(self, argument: list[Any]) -> str:
        separator, parts = argument
        return str(separator).join(str(part) for part in self.resolve(parts))
