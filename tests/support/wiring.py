"""The caches of the wiring, emptied between tests."""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Mapping
from functools import cache
from types import ModuleType
from typing import Any

from optout import wiring


@cache
def _modules() -> list[ModuleType]:
    return [
        importlib.import_module(f"{wiring.__name__}.{found.name}") for found in pkgutil.iter_modules(wiring.__path__)
    ]


@cache
def _cached() -> Mapping[str, Callable[[], Any]]:
    """Every cached function of the wiring by its name: the clients and the stores."""
    return {
        name: function
        for module in _modules()
        for name, function in vars(module).items()
        if hasattr(function, "cache_clear") and function.__module__ == module.__name__
    }


def forget(*, keep: Collection[str] = ()) -> None:
    """Empty all caches but those that are named, which have to be there: a name that is gone would keep nothing."""
    assert set(keep) <= _cached().keys()
    for name, function in _cached().items():
        if name not in keep:
            function.cache_clear()  # type: ignore[attr-defined]
