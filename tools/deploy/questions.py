"""The questions that `./dev deploy` asks on a terminal."""

from collections.abc import Callable

from tools.deploy.settings import Parameter, Settings

Ask = Callable[[str], str]


def ask_region(suggested: str, ask: Ask) -> str:
    """The region; the suggested one for an empty answer."""
    while True:
        region = ask(f"Region [{suggested}]: ").strip() or suggested
        if region:
            return region


def ask_parameters(known: Settings, wanted: list[Parameter], ask: Ask) -> dict[str, str]:
    """A value for each parameter: an empty answer keeps the value in brackets, a dash empties it."""
    return {one.name: _ask_parameter(one, known.parameters.get(one.name, one.default), ask) for one in wanted}


def _ask_parameter(parameter: Parameter, value: str, ask: Ask) -> str:
    hint = f" ({' or '.join(parameter.allowed)})" if parameter.allowed else ""
    while True:
        answer = ask(f"{parameter.description}\n  {parameter.name}{hint} [{value}]: ").strip()
        given = "" if answer == "-" else answer or value
        if not parameter.allowed or given in parameter.allowed:
            return given
