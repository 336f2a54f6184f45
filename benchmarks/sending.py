"""Targets 1 to 3: the worker's AWS requests per email of a campaign."""

from collections.abc import Iterator

from benchmarks.campaign import PEOPLE, Campaigns
from benchmarks.figure import Figure

_PROVIDER = "SendBulkEmail"


def measure(campaigns: Campaigns) -> Iterator[Figure]:
    """Requests, bytes and capacity units of `jobs.deliver`; all requests of its clients count."""
    asked = campaigns.counted.delivery.asked
    requests = asked.requests.total() / PEOPLE
    yield Figure(1, "worker, requests per email", f"{requests:.3f}: {asked}", "<= 0.08", requests <= 0.08)
    size, mail = asked.bytes.total() / PEOPLE, asked.bytes[_PROVIDER] / PEOPLE
    found = f"{size:.0f} in bodies: {mail:.0f} to SES, {size - mail:.0f} to DynamoDB"
    yield Figure(2, "worker, request bytes per email", found, "<= 900", size <= 900)
    writes = asked.write_units / PEOPLE
    yield Figure(3, "worker, write units per email", f"{writes:.3f}", "<= 0.3", writes <= 0.3)
    addresses = asked.reads[campaigns.running.stack.resources["SuppressionsTable"]] / PEOPLE
    rest = asked.read_units / PEOPLE - addresses
    found = f"{addresses:g} for the address, {rest:.3f} for chunks and campaign"
    yield Figure(3, "worker, consistent read units per email", found, "<= 1.0 for the address", addresses <= 1.0)
