"""The mailbox simulator, and the events that configuration sets publish."""

from typing import Any

import pytest

from tests.local.ses.requests import email, entry
from tests.local.ses.stand_in import StandIn
from tests.local.ses.stub_engine import TOPIC, StubEngine


def events(ses: StandIn, engine: StubEngine, message_id: str) -> dict[str, Any]:
    ses.wait_until_published()
    return {event["eventType"]: event for event in engine.events(message_id)}


def simulated(ses: StandIn, engine: StubEngine, name: str) -> dict[str, Any]:
    return events(ses, engine, ses.send(f"{name}@simulator.amazonses.com"))


def test_a_delivered_mail_is_reported_sent_and_delivered(ses: StandIn, engine: StubEngine) -> None:
    found = events(ses, engine, ses.send("a@example.org"))
    assert sorted(found) == ["Delivery", "Send"]
    assert found["Send"]["send"] == {}
    assert found["Delivery"]["delivery"]["recipients"] == ["a@example.org"]
    assert {"timestamp", "processingTimeMillis", "smtpResponse", "reportingMTA"} <= set(found["Delivery"]["delivery"])


@pytest.mark.parametrize("name", ["success", "success+label"])
def test_the_simulator_delivers_success(ses: StandIn, engine: StubEngine, name: str) -> None:
    assert sorted(simulated(ses, engine, name)) == ["Delivery", "Send"]
    assert [mail["to"] for mail in ses.mails()] == [f"{name}@simulator.amazonses.com"]


@pytest.mark.parametrize("name", ["bounce", "bounce+label", "Bounce"])
def test_the_simulator_bounces(ses: StandIn, engine: StubEngine, name: str) -> None:
    found = simulated(ses, engine, name)
    assert sorted(found) == ["Bounce", "Send"]
    bounce = found["Bounce"]["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "General")
    (bounced,) = bounce["bouncedRecipients"]
    assert bounced["emailAddress"] == f"{name}@simulator.amazonses.com"
    assert (bounced["status"], bounced["action"]) == ("5.1.1", "failed")


def test_the_simulator_complains_after_delivery(ses: StandIn, engine: StubEngine) -> None:
    found = simulated(ses, engine, "complaint")
    assert sorted(found) == ["Complaint", "Delivery", "Send"]
    assert found["Complaint"]["complaint"]["complaintFeedbackType"] == "abuse"
    assert found["Complaint"]["complaint"]["complaintSubType"] is None


def test_the_simulator_answers_out_of_office_after_delivery(ses: StandIn, engine: StubEngine) -> None:
    found = simulated(ses, engine, "ooto")
    assert sorted(found) == ["Bounce", "Delivery", "Send"]
    bounce = found["Bounce"]["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Transient", "General")
    assert bounce["bouncedRecipients"] == [{"emailAddress": "ooto@simulator.amazonses.com"}]


def test_the_simulator_plays_the_global_suppression_list(ses: StandIn, engine: StubEngine) -> None:
    bounce = simulated(ses, engine, "suppressionlist")["Bounce"]["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "Suppressed")


@pytest.mark.parametrize("name", ["bounce", "complaint"])
def test_simulator_addresses_never_land_on_the_account_list(ses: StandIn, engine: StubEngine, name: str) -> None:
    simulated(ses, engine, name)
    assert simulated(ses, engine, name)
    assert ses.client.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []


def test_a_mail_with_a_virus_is_accepted_and_rejected(ses: StandIn, engine: StubEngine) -> None:
    virus = {"Text": {"Data": "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"}}
    message_id = ses.client.send_email(**email(Body=virus))["MessageId"]
    assert events(ses, engine, message_id)["Reject"]["reject"] == {"reason": "Bad content"}
    assert ses.mails() == []


def test_a_planned_delay_is_reported_before_delivery(ses: StandIn, engine: StubEngine) -> None:
    ses.faults(outcomes=[{"outcome": "delivery_delay", "on": [1]}])
    found = events(ses, engine, ses.send("a@example.org"))
    assert sorted(found) == ["Delivery", "DeliveryDelay", "Send"]
    assert found["DeliveryDelay"]["deliveryDelay"]["delayedRecipients"][0]["emailAddress"] == "a@example.org"


def test_an_event_describes_the_mail(ses: StandIn, engine: StubEngine) -> None:
    header = {"Name": "X-Campaign", "Value": "spring"}
    request = email("a@example.org", Headers=[header]) | {"EmailTags": [{"Name": "nid", "Value": "n1"}]}
    message_id = ses.client.send_email(**request)["MessageId"]
    mail = events(ses, engine, message_id)["Send"]["mail"]
    assert (mail["messageId"], mail["source"], mail["destination"]) == (
        message_id,
        "news@example.com",
        ["a@example.org"],
    )
    assert mail["sourceArn"].endswith(":identity/example.com")
    assert {"name": "X-Campaign", "value": "spring"} in mail["headers"]
    assert (mail["headersTruncated"], mail["commonHeaders"]["subject"]) == (False, "News")
    assert (mail["tags"]["nid"], mail["tags"]["ses:configuration-set"]) == (["n1"], ["mailer"])
    automatic = {"ses:source-ip", "ses:from-domain", "ses:caller-identity", "ses:outgoing-ip"}
    assert automatic <= set(mail["tags"])


def test_events_cut_headers_at_ten_kilobytes(ses: StandIn, engine: StubEngine) -> None:
    headers = [{"Name": f"X-{number}", "Value": "v" * 900} for number in range(15)]
    message_id = ses.client.send_email(**email(Headers=headers))["MessageId"]
    assert events(ses, engine, message_id)["Send"]["mail"]["headersTruncated"] is True


def test_events_go_to_the_topic_of_the_destination(ses: StandIn, engine: StubEngine) -> None:
    events(ses, engine, ses.send())
    assert {topic for topic, _, _ in engine.published} == {TOPIC}


def test_only_subscribed_kinds_are_published(ses: StandIn, engine: StubEngine) -> None:
    engine.add_set("bounces-only", ["BOUNCE"])
    message_id = ses.send("bounce@simulator.amazonses.com", ConfigurationSetName="bounces-only")
    assert sorted(events(ses, engine, message_id)) == ["Bounce"]


def test_a_disabled_destination_gets_nothing(ses: StandIn, engine: StubEngine) -> None:
    engine.add_set("disabled", ["SEND", "DELIVERY"], enabled=False)
    assert events(ses, engine, ses.send(ConfigurationSetName="disabled")) == {}


def test_every_recipient_has_a_delivery_of_its_own(ses: StandIn, engine: StubEngine) -> None:
    ses.bulk(*(entry(f"r{number}@example.org") for number in range(50)))
    ses.wait_until_published()
    delivered = [event["delivery"]["recipients"][0] for event in engine.events() if event["eventType"] == "Delivery"]
    assert sorted(delivered) == sorted(f"r{number}@example.org" for number in range(50))


def test_a_refused_event_is_published_later(ses: StandIn, engine: StubEngine) -> None:
    engine.refuse_next = 2
    found = events(ses, engine, ses.send())
    assert sorted(found) == ["Delivery", "Send"]
    assert ses.get("/_local/events")["retried"] > 0
    assert ses.get("/_local/events")["failed"] == 0
