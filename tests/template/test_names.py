"""Code and template.yaml have the same functions, under names that follow from each other."""

from pathlib import Path

import pytest

from tests.support.template import EVENTS, FUNCTIONS, event_file, functions, module_of

HANDLERS = {name: function["Handler"] for name, function in functions().items()}
IS_ENDPOINT = {
    name: any(event["Type"] == "HttpApi" for event in function["Events"].values())
    for name, function in functions().items()
}
LONGEST_ENDPOINT = 40  # lines


def logical_id(handler: str) -> str:
    """``RepzoCheck`` of ``repzo.check.handler``."""
    return "".join(word.title() for word in module_of(handler).replace(".", "_").split("_"))


def source(handler: str) -> Path:
    return FUNCTIONS.joinpath(*module_of(handler).split(".")).with_suffix(".py")


@pytest.mark.parametrize(("name", "handler"), HANDLERS.items())
def test_a_function_is_named_after_its_handler(name: str, handler: str) -> None:
    assert name == logical_id(handler)
    assert handler.endswith(".handler")


@pytest.mark.parametrize("handler", HANDLERS.values())
def test_every_handler_of_the_template_is_there(handler: str) -> None:
    lines = source(handler).read_text().splitlines()
    assert any(line.startswith(("handler = ", "def handler(")) for line in lines)


def test_every_handler_of_the_code_is_in_the_template() -> None:
    written = {
        path.relative_to(FUNCTIONS).with_suffix("").as_posix().replace("/", ".")
        for path in FUNCTIONS.rglob("*.py")
        if any(line.startswith(("handler = ", "def handler(")) for line in path.read_text().splitlines())
    }
    assert written == {module_of(handler) for handler in HANDLERS.values()}


@pytest.mark.parametrize("handler", HANDLERS.values())
def test_every_function_has_an_event(handler: str) -> None:
    assert event_file(module_of(handler)).is_file()


def test_events_lie_in_the_folder_of_the_package_that_takes_them() -> None:
    packages = {source(handler).parent.relative_to(FUNCTIONS) for handler in HANDLERS.values()}
    assert {path.parent.relative_to(EVENTS) for path in EVENTS.rglob("*.json")} == packages


@pytest.mark.parametrize("handler", [HANDLERS[name] for name, is_endpoint in IS_ENDPOINT.items() if is_endpoint])
def test_an_endpoint_is_one_short_file(handler: str) -> None:
    assert len(source(handler).read_text().splitlines()) <= LONGEST_ENDPOINT
