"""SendBulkEmail: one call with up to fifty entries and a result for each."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.ses.requests import bulk, entry
from tests.local.ses.stand_in import StandIn
from tests.local.ses.stub_engine import StubEngine


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["Status"] for result in results]


def with_template(**template: str) -> dict[str, Any]:
    content = {"Subject": "s", "Text": "t"} | template
    return {"Template": {"TemplateContent": content, "TemplateData": '{"name": "friend"}'}}


def test_every_entry_is_rendered_with_its_own_data(ses: StandIn) -> None:
    results = ses.bulk(entry("a@example.org", name="Ada"), entry("b@example.org", name="Bob"))
    assert statuses(results) == ["SUCCESS", "SUCCESS"]
    assert [mail["subject"] for mail in ses.mails()] == ["Hi Ada", "Hi Bob"]
    assert [mail["message_id"] for mail in ses.mails()] == [result["MessageId"] for result in results]


def test_an_entry_without_data_gets_the_default_data(ses: StandIn) -> None:
    ses.bulk({"Destination": {"ToAddresses": ["a@example.org"]}}, DefaultContent=with_template(Subject="Hi {{name}}"))
    assert ses.mails()[0]["subject"] == "Hi friend"


def test_values_are_put_in_as_they_are(ses: StandIn) -> None:
    ses.bulk(entry("a@example.org", name="<b>&amp;</b>"))
    assert ses.mails()[0]["html"] == "<p>Dear <b>&amp;</b></p>"


def test_a_value_is_never_expanded_again(ses: StandIn) -> None:
    ses.bulk(entry("a@example.org", name="{{other}}", other="secret"))
    assert ses.mails()[0]["text"] == "Dear {{other}}"


@pytest.mark.parametrize(
    "text", ["{{#if name}}x{{/if}}", "{{{name}}}", "{{a.b}}", "{{name", "{{}}", "{{> part}}", "{{a_b}}", "{{1a}}"]
)
def test_inline_templates_know_simple_substitution_only(ses: StandIn, text: str) -> None:
    with pytest.raises(ClientError, match="BadRequestException"):
        ses.bulk(entry("a@example.org"), DefaultContent=with_template(Text=text))


def test_entry_headers_replace_those_of_the_template_by_name(ses: StandIn) -> None:
    content = with_template()
    content["Template"]["Headers"] = [
        {"Name": "List-Unsubscribe", "Value": "<https://all>"},
        {"Name": "X-A", "Value": "1"},
    ]
    ses.bulk(entry("a@example.org", headers={"List-Unsubscribe": "<https://one>"}), DefaultContent=content)
    headers = ses.mails()[0]["headers"]
    assert (headers["List-Unsubscribe"], headers["X-A"]) == ("<https://one>", "1")


def test_entry_tags_are_added_to_the_default_tags(ses: StandIn, engine: StubEngine) -> None:
    default = [{"Name": "nid", "Value": "n1"}, {"Name": "position", "Value": "none"}]
    (result,) = ses.bulk(entry("a@example.org", tags={"position": "7"}), DefaultEmailTags=default)
    ses.wait_until_published()
    tags = engine.events(result["MessageId"])[0]["mail"]["tags"]
    assert (tags["nid"], tags["position"]) == (["n1"], ["7"])


def test_a_bad_entry_fails_alone(ses: StandIn) -> None:
    results = ses.bulk(
        entry("a@example.org"),
        entry("not an address"),
        entry("b@example.org", headers={"Subject": "x"}),
        entry("c@example.org", tags={"a": "x@y"}),
        entry("d@example.org"),
    )
    assert statuses(results) == ["SUCCESS", *["INVALID_PARAMETER"] * 3, "SUCCESS"]
    assert all(result.get("Error") for result in results[1:4])
    assert [mail["to"] for mail in ses.mails()] == ["a@example.org", "d@example.org"]


def test_data_that_is_not_json_fails_its_entry(ses: StandIn) -> None:
    bad = entry("a@example.org")
    bad["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"] = "{name: 1"
    assert statuses(ses.bulk(bad, entry("b@example.org"))) == ["INVALID_PARAMETER", "SUCCESS"]


def test_an_entry_with_a_missing_variable_is_accepted_and_not_delivered(ses: StandIn, engine: StubEngine) -> None:
    bad = entry("a@example.org")
    bad["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"] = json.dumps({"nmae": "Ada"})
    (result,) = ses.bulk(bad)
    ses.wait_until_published()
    (event,) = engine.events(result["MessageId"])
    assert (result["Status"], event["eventType"], ses.mails()) == ("SUCCESS", "Rendering Failure", [])
    assert "'name' is not present" in event["failure"]["errorMessage"]


@pytest.mark.parametrize("count", [0, 51])
def test_a_call_has_one_to_fifty_entries(ses: StandIn, count: int) -> None:
    with pytest.raises(ClientError, match="BadRequestException"):
        ses.bulk(*(entry(f"r{number}@example.org") for number in range(count)))


def test_fifty_entries_are_accepted(ses: StandIn) -> None:
    assert statuses(ses.bulk(*(entry(f"r{number}@example.org") for number in range(50)))) == ["SUCCESS"] * 50


def test_an_unverified_sender_fails_the_whole_call(ses: StandIn) -> None:
    with pytest.raises(ClientError, match="Email address is not verified"):
        ses.bulk(entry("a@example.org"), FromEmailAddress="news@other.test")


def test_an_unknown_member_of_an_entry_is_bad(ses: StandIn) -> None:
    body = bulk(entry("a@example.org") | {"Headers": []})
    assert ses.http("POST", "/v2/email/outbound-bulk-emails", body)[0] == 400
