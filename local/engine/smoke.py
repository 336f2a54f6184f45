"""Asks every route of the API once, over HTTP, and believes only what its function said.

The requests carry no credentials and nothing valid, so they change nothing. The functions are warm afterwards.
"""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import httpx

from local.engine.bridge import DEFAULT_PATH, Route

PATH_PARAMETER = re.compile(r"\{[^}]+\}")
# What API Gateway says itself, without asking a function.
NO_SUCH_ROUTE = {"message": "Not Found"}
LONGEST_COLD_START = 60.0


class RouteBroken(Exception):
    """Some routes do not answer with something that came from their functions."""


def request_line(route: Route) -> tuple[str, str]:
    """A method and a path that only this route takes."""
    path = "/no-such-route" if route.path == DEFAULT_PATH else PATH_PARAMETER.sub("smoke-test", route.path)
    return ("GET" if route.method == "ANY" else route.method), path


def complaint(client: httpx.Client, route: Route) -> str | None:
    """What is wrong with the route, if anything is."""
    method, path = request_line(route)
    try:
        answer = client.request(method, path)
    except httpx.HTTPError as error:
        return f"{route.key} ({route.function}): {error!r}"
    gateway_said = answer.status_code == 404 and answer.text.strip().startswith("{") and answer.json() == NO_SUCH_ROUTE
    if answer.status_code >= 500 or gateway_said:
        return f"{route.key} ({route.function}): {answer.status_code} {answer.text[:1000]}"
    return None


def complaints(client: httpx.Client, routes: Iterable[Route]) -> list[str]:
    """What is wrong with the routes of one function: one after the other, so that one warm process answers them all."""
    return [text for route in routes if (text := complaint(client, route))]


def smoke_test(url: str, routes: Sequence[Route]) -> None:
    """Raise when a route is broken; the text names each."""
    by_function: dict[str, list[Route]] = {}
    for route in routes:
        by_function.setdefault(route.function, []).append(route)
    with (
        httpx.Client(base_url=url, timeout=LONGEST_COLD_START, trust_env=False) as client,
        ThreadPoolExecutor(max_workers=4) as threads,
    ):
        found = list(chain.from_iterable(threads.map(lambda some: complaints(client, some), by_function.values())))
    if found:
        raise RouteBroken(
            f"{len(found)} of {len(routes)} routes are broken:\n" + "\n".join(f"  {text}" for text in found)
        )
