"""One error of every kind, for the tests of how each dialect says it."""

import inspect
from collections.abc import Iterator

from optout import errors
from optout.errors import OptoutError, Problem

EMAIL = Problem("email", "email", "Enter a valid email address.")


def tree(kind: type[OptoutError]) -> Iterator[type[OptoutError]]:
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield inner
            yield from tree(inner)


def sample(kind: type[OptoutError]) -> OptoutError:
    """One of a kind: 42 wherever a number is wanted, "anything" for a text, and a problem with the address."""
    given: list[object] = []
    _, *parameters = inspect.signature(kind.__init__).parameters.values()
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            given += [EMAIL] if issubclass(kind, errors.Invalid) else []
        elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            given.append(42 if parameter.annotation is int else "anything")
    return kind(*given)


SAMPLES = [sample(kind) for kind in tree(OptoutError)]


PROBLEMS = [
    errors.Invalid("body"),
    errors.Invalid("body", Problem("", "missing", "Field required")),
    errors.Invalid("body", EMAIL, Problem("a.b.0.c", "string_too_long", "…", 255), Problem("x", "of_a_new_kind", "…")),
    errors.Invalid("query", Problem("page", "int_parsing", "…")),
    errors.Invalid("path", Problem("id", "uuid", "…")),
    errors.Unprocessable("body"),
    errors.Unprocessable("body", Problem("", "model_type", "…")),
]
