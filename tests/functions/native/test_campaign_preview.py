"""A preview by our own API: who, what and how much, and nothing is changed."""

from typing import Any

import pytest

from optout import clock
from optout.address import Address
from optout.runtime.fields import iso
from tests.functions.native.campaigns import preview, refused
from tests.support.handlers import examples


@pytest.mark.usefixtures("nothing_stored")
def test_a_preview_counts_renders_and_reckons_and_changes_nothing() -> None:
    found = preview().json
    (sample,) = found.pop("samples")
    assert found.pop("ends_at") >= iso(clock.now() - 5_000)
    assert found == {
        "complete": True,
        "subscribers": 1,
        "looked_at": 1,
        "audience": 1,
        "skipped": {},
        "failed": {},
        "mails": 1,
        "prices": [
            {"plan": "a_la_carte", "amount": 0.0001, "per_1000": 0.1, "currency": "USD"},
            {"plan": "essentials", "amount": 0.0002, "per_1000": 0.16, "currency": "USD"},
        ],
        "rate_per_second": 48.5,
    }
    assert sample["to"] == "ada@reader.example"
    assert sample["html"] == '<p>Hello Ada Lovelace</p><a href="https://mail.example.com/u/preview">Leave</a>'


def test_a_preview_tells_who_would_be_skipped_and_why() -> None:
    examples.add_subscriber(examples.SUBSCRIBER + 40, examples.LEFT, "Lena")
    examples.add_subscriber(examples.SUBSCRIBER + 41, Address.parse("jos\u00e9@reader.example"), "Jos\u00e9")
    found = preview().json
    assert (found["audience"], found["mails"]) == (3, 1)
    assert (found["skipped"], found["failed"]) == ({"unsubscribed": 1}, {"not_ascii": 1})


def test_a_preview_counts_a_person_of_two_newsletters_once() -> None:
    examples.add_subscriber(examples.SUBSCRIBER + 40, examples.ADA, "Ada", newsletter="daily")
    assert preview().json["audience"] == 1


@pytest.mark.parametrize(
    ("query", "audience"),
    [
        ('{"name": "Ada Lovelace"}', 1),
        ('{"name": "Nobody"}', 0),
        ('{"name": {"$regex": "^a.*lace$", "$options": "i"}, "active": true}', 1),
        ('{"emails.address": {"$regex": "@(a|b)\\\\.invalid$"}}', 0),
    ],
)
@pytest.mark.usefixtures("nothing_stored")
def test_a_preview_selects_as_the_campaign_would(query: str, audience: int) -> None:
    assert preview(query=query).json["audience"] == audience


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"from": "boss@example.com"}, 403, "bad_sender"),
        ({"html": "no way out"}, 400, "missing_unsubscribe_link"),
        ({"newsletter": "unknown"}, 422, "unprocessable"),
        ({"query": '{"$where": "1"}'}, 400, "invalid"),
    ],
)
@pytest.mark.usefixtures("nothing_stored")
def test_what_cannot_be_sent_cannot_be_previewed(more: Any, status: int, code: str) -> None:
    assert refused(preview(**more)) == (status, code)
