"""The functions' log lines, from the engine's CloudWatch Logs."""

from collections.abc import Mapping
from typing import Any

PLATFORM_LINES = ("START RequestId:", "END RequestId:", "REPORT RequestId:")


def tail(logs: Any, function: str, lines: int) -> list[tuple[int, str]]:
    """The latest log lines of one function, by its name, each with its time in milliseconds since 1970.

    Functions may share a log group. In the engine a log stream belongs to one call, and one of its lines names the
    function.
    """
    found = []
    for (group, _), events in _calls(logs).items():
        mine = group == f"/aws/lambda/{function}" or any(f'"{function}"' in text for _, text in events)
        found += [event for event in events if mine and not event[1].startswith(PLATFORM_LINES)]
    return sorted(found, key=lambda event: event[0])[-lines:]


def _calls(logs: Any) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """All log lines, by log group and stream."""
    calls: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            for events in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                for event in events["events"]:
                    line = (event["timestamp"], event["message"].rstrip())
                    calls.setdefault((name, event["logStreamName"]), []).append(line)
    return calls


def merged(logs: Any, functions: Mapping[str, str], lines: int) -> list[str]:
    """The latest lines of several functions (logical id to name), oldest first."""
    found = [
        (when, f"{logical_id}  {line}")
        for logical_id, name in functions.items()
        for when, line in tail(logs, name, lines)
    ]
    return [line for _, line in sorted(found, key=lambda item: item[0])[-lines:]]
