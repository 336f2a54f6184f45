"""The account-level suppression list and its effect on sending."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.local.ses.stand_in import StandIn
from tests.local.ses.stub_engine import ALL_EVENTS, StubEngine


@pytest.fixture(autouse=True)
def _empty_list(ses: StandIn) -> Iterator[None]:
    yield
    for row in ses.client.list_suppressed_destinations()["SuppressedDestinationSummaries"]:
        ses.client.delete_suppressed_destination(EmailAddress=row["EmailAddress"])


def put(ses: StandIn, address: str, reason: str = "BOUNCE") -> None:
    ses.client.put_suppressed_destination(EmailAddress=address, Reason=reason)


def listed(ses: StandIn, **filters: object) -> list[str]:
    rows = ses.client.list_suppressed_destinations(**filters)["SuppressedDestinationSummaries"]
    return [row["EmailAddress"] for row in rows]


def test_an_address_put_on_the_list_is_found_in_any_case(ses: StandIn) -> None:
    put(ses, "Ada+x@Example.org", "COMPLAINT")
    found = ses.client.get_suppressed_destination(EmailAddress="ada+x@example.org")["SuppressedDestination"]
    assert found["Reason"] == "COMPLAINT"
    assert abs(found["LastUpdateTime"] - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("operation", ["get_suppressed_destination", "delete_suppressed_destination"])
def test_an_address_not_on_the_list_is_not_found(ses: StandIn, operation: str) -> None:
    with pytest.raises(ClientError, match="does not exist on your suppression list"):
        getattr(ses.client, operation)(EmailAddress="nobody@example.org")


def test_a_deleted_address_gets_mail_again(ses: StandIn) -> None:
    put(ses, "a@example.org")
    ses.client.delete_suppressed_destination(EmailAddress="a@example.org")
    ses.send("a@example.org")
    assert [mail["to"] for mail in ses.mails()] == ["a@example.org"]


def test_an_unknown_reason_is_refused(ses: StandIn) -> None:
    with pytest.raises(ClientError, match="BadRequestException"):
        put(ses, "a@example.org", "DISLIKE")


def test_the_list_is_paged_without_loss(ses: StandIn) -> None:
    addresses = [f"r{number}@example.org" for number in range(7)]
    for address in addresses:
        put(ses, address)
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = ses.client.list_suppressed_destinations(PageSize=3, **token)
        seen += [row["EmailAddress"] for row in answer["SuppressedDestinationSummaries"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert sorted(seen) == addresses


def test_the_list_is_filtered_by_reason(ses: StandIn) -> None:
    put(ses, "a@example.org", "BOUNCE")
    put(ses, "b@example.org", "COMPLAINT")
    assert listed(ses, Reasons=["COMPLAINT"]) == ["b@example.org"]


def test_the_list_is_filtered_by_date(ses: StandIn) -> None:
    put(ses, "a@example.org")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert listed(ses, StartDate=tomorrow) == []
    assert listed(ses, EndDate=tomorrow) == ["a@example.org"]


def test_a_bad_page_token_is_refused(ses: StandIn) -> None:
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        listed(ses, NextToken="not a token")


def test_mail_to_a_listed_address_is_accepted_and_bounces(ses: StandIn, engine: StubEngine) -> None:
    put(ses, "a@example.org")
    message_id = ses.send("A@example.org")
    ses.wait_until_published()
    assert (ses.mails(), engine.kinds(message_id)) == ([], ["Bounce", "Send"])
    bounce = next(event["bounce"] for event in engine.events(message_id) if event["eventType"] == "Bounce")
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "OnAccountSuppressionList")


def test_mail_to_a_listed_complainer_is_reported_as_a_complaint_of_that_subtype(
    ses: StandIn, engine: StubEngine
) -> None:
    put(ses, "a@example.org", "COMPLAINT")
    message_id = ses.send("a@example.org")
    ses.wait_until_published()
    assert (ses.mails(), engine.kinds(message_id)) == ([], ["Complaint", "Send"])
    complaint = next(event["complaint"] for event in engine.events(message_id) if event["eventType"] == "Complaint")
    assert complaint["complaintSubType"] == "OnAccountSuppressionList"


def test_a_reason_switched_off_for_the_account_does_not_suppress(ses: StandIn) -> None:
    put(ses, "a@example.org", "BOUNCE")
    ses.client.put_account_suppression_attributes(SuppressedReasons=["COMPLAINT"])
    ses.send("a@example.org")
    assert [mail["to"] for mail in ses.mails()] == ["a@example.org"]


def test_the_reasons_of_a_configuration_set_override_those_of_the_account(ses: StandIn, engine: StubEngine) -> None:
    engine.add_set("lenient", ALL_EVENTS, SuppressionOptions={"SuppressedReasons": []})
    put(ses, "a@example.org")
    ses.send("a@example.org", ConfigurationSetName="lenient")
    assert [mail["to"] for mail in ses.mails()] == ["a@example.org"]


def test_a_hard_bounce_of_a_real_address_puts_it_on_the_list(ses: StandIn) -> None:
    ses.faults(outcomes=[{"outcome": "hard_bounce", "recipients": ["gone@example.org"]}])
    message_id = ses.send("gone@example.org")
    found = ses.client.get_suppressed_destination(EmailAddress="gone@example.org")["SuppressedDestination"]
    assert (found["Reason"], found["Attributes"]["MessageId"]) == ("BOUNCE", message_id)
