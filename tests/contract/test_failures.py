"""A store that does not answer: 503 and Retry-After in the dialect's words, never a guess."""

import pytest

from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, dialect_of, one_per_dialect
from tests.support.handlers.refusals import GUARDED, UNAVAILABLE

READS = {
    "repzo.check": ("SuppressionsTable", "AddressPepper"),
    "repzo.create": ("SuppressionsTable", "AddressPepper"),
    "repzo.get": ("SuppressionsTable",),
    "repzo.list": ("SuppressionsTable",),
    "repzo.delete": ("SuppressionsTable", "AddressPepper"),
    "repzo.remove": ("SuppressionsTable", "AddressPepper"),
    "letterbucket.create": ("SubscribersTable", "SuppressionsTable", "AddressPepper"),
    "letterbucket.bulk": ("SubscribersTable", "SuppressionsTable", "AddressPepper"),
    "letterbucket.list": ("SubscribersTable", "SuppressionsTable", "AddressPepper"),
    "letterbucket.update": ("SubscribersTable", "SuppressionsTable", "AddressPepper"),
    "letterbucket.get": ("SubscribersTable", "SuppressionsTable", "AddressPepper"),
    "letterbucket.unsubscribe": ("SubscribersTable", "SuppressionsTable", "AddressPepper"),
    "mirasvit.create": ("SuppressionsTable", "AddressPepper"),
    "mirasvit.get": ("SuppressionsTable",),
    "mirasvit.list": ("SuppressionsTable",),
    "mirasvit.delete": ("SuppressionsTable", "AddressPepper"),
    "mirasvit.token": ("CredentialsTable",),
    "rocketchat.send": ("CampaignsTable", "ExpandQueue"),
    "rocketchat.unsubscribe": ("SubscribersTable", "SuppressionsTable", "AddressPepper"),
    "native.suppressions.check": ("SuppressionsTable", "AddressPepper"),
    "native.suppressions.history": ("SuppressionsTable",),
    "native.suppressions.explain_by_path": ("SuppressionsTable", "AddressPepper"),
    "native.suppressions.explain": ("SuppressionsTable", "AddressPepper"),
    "native.subscribers.confirmations": ("SubscribersTable",),
}
CASES = [(function, "CredentialsTable") for function in one_per_dialect(GUARDED)] + [
    (function, lost) for function, needed in READS.items() for lost in needed
]


@pytest.mark.parametrize(("function", "lost"), CASES)
def test_what_does_not_answer_makes_the_endpoint_unavailable(function: str, lost: str, aws: AWS) -> None:
    aws.lose(lost)
    answer = call(function)
    assert (answer.status, answer.json) == (503, UNAVAILABLE[dialect_of(function)])
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("function", ["links.unsubscribe_page", "links.one_click"])
def test_a_link_page_asks_to_try_again_when_the_keys_cannot_be_read(function: str, aws: AWS) -> None:
    aws.lose("LinkKeys")
    answer = call(function)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert "Please try again" in answer.text


@pytest.mark.parametrize("lost", ["CampaignsTable", "SubscribersTable", "SuppressionsTable", "AddressPepper"])
def test_a_click_that_could_not_be_stored_is_not_confirmed(lost: str, aws: AWS) -> None:
    aws.lose(lost)
    answer = call("links.one_click")
    assert answer.status == 503
    assert "You are unsubscribed" not in answer.text


def test_a_check_that_cannot_read_never_says_no(aws: AWS) -> None:
    before = call("repzo.check", json_body={"email": "nobody@reader.example"})
    assert before.json["data"] == {"is_unsubscribed": False}
    aws.lose("SuppressionsTable")
    after = call("repzo.check", json_body={"email": "nobody@reader.example"})
    assert after.status == 503
    assert "is_unsubscribed" not in after.text


def test_a_check_does_not_believe_an_index_that_lags(aws: AWS) -> None:
    for item in aws.items("SuppressionsTable"):
        if item.pop("email_key", None):
            aws.dynamodb.put_item(TableName="SuppressionsTable", Item=item)
    assert call("repzo.check").json["data"]["is_unsubscribed"]


def test_a_campaign_that_could_not_be_rung_for_never_starts(aws: AWS) -> None:
    aws.lose("ExpandQueue")
    assert call("rocketchat.send").status == 503
    states = [item["state"]["S"] for item in aws.items("CampaignsTable") if item["sk"] == {"S": "campaign"}]
    assert sorted(states) == ["accepted", "cancelled"]  # the example's, and this one
