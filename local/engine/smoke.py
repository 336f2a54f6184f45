"""A smoke test: calls every route of the API once over HTTP and checks that its function answers.

The requests have no credentials and no valid data, so they change nothing. Afterwards the functions are warm.
"""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import httpx

from local.engine.bridge import DEFAULT_PATH, Route

PATH_PARAMETER = re.compile(r"\{[^}]+\}")
# API Gateway's own response, without calling a function.
NO_SUCH_ROUTE = {"message": "Not Found"}
LONGEST_COLD_START = 60.0


class RouteBroken(Exception):
    """Some routes failed or did not reach their functions; the text names each."""


def request_line(route: Route) -> tuple[str, str]:
    """A method and a path that match only this route."""
    path = "/no-such-route" if route.path == DEFAULT_PATH else PATH_PARAMETER.sub("smoke-test", route.path)
    return ("GET" if route.method == "ANY" else route.method), path


def failure(client: httpx.Client, route: Route) -> str | None:
    """The route's failure, or None."""
    method, path = request_line(route)
    try:
        answer = client.request(method, path)
    except httpx.HTTPError as error:
        return f"{route.key} ({route.function}): {error!r}"
    not_routed = answer.status_code == 404 and answer.text.strip().startswith("{") and answer.json() == NO_SUCH_ROUTE
    if answer.status_code >= 500 or not_routed:
        return f"{route.key} ({route.function}): {answer.status_code} {answer.text[:1000]}"
    return None


def failures(client: httpx.Client, routes: Iterable[Route]) -> list[str]:
    """The failures of one function's routes, called in sequence, so that one warm process answers them all."""
    return [text for route in routes if (text := failure(client, route))]


def smoke_test(url: str, routes: Sequence[Route]) -> None:
    """Call all routes. Raises `RouteBroken`."""
    by_function: dict[str, list[Route]] = {}
    for route in routes:
        by_function.setdefault(route.function, []).append(route)
    with (
        httpx.Client(base_url=url, timeout=LONGEST_COLD_START, trust_env=False) as client,
        ThreadPoolExecutor(max_workers=4) as threads,
    ):
        found = list(chain.from_iterable(threads.map(lambda some: failures(client, some), by_function.values())))
    if found:
        raise RouteBroken(
            f"{len(found)} of {len(routes)} routes do not work:\n" + "\n".join(f"  {text}" for text in found)
        )
