"""What the handlers logged, from the engine's CloudWatch Logs."""

from collections.abc import Mapping
from typing import Any

PLATFORM_LINES = ("START RequestId:", "END RequestId:", "REPORT RequestId:")


def tail(logs: Any, function: str, lines: int) -> list[tuple[int, str]]:
    """The last lines of one function, by its name, with their times in milliseconds."""
    group = f"/aws/lambda/{function}"
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        events = [(event["timestamp"], event["message"].rstrip()) for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []  # it was never called
    return [event for event in events if not event[1].startswith(PLATFORM_LINES)][-lines:]


def merged(logs: Any, functions: Mapping[str, str], lines: int) -> list[str]:
    """The last lines of several functions (logical id to name), oldest first."""
    found = [
        (when, f"{logical_id}  {line}")
        for logical_id, name in functions.items()
        for when, line in tail(logs, name, lines)
    ]
    return [line for _, line in sorted(found, key=lambda item: item[0])[-lines:]]
