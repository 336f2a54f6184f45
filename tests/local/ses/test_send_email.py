"""SendEmail: the three forms of content, and the emails in the mailbox."""

from email.message import EmailMessage

import pytest
from botocore.exceptions import ClientError

from tests.local.ses.requests import email
from tests.local.ses.stand_in import StandIn
from tests.local.ses.stub_engine import StubEngine


def test_a_simple_mail_arrives_with_its_headers(ses: StandIn) -> None:
    header = {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"}
    message_id = ses.client.send_email(**email("a@example.org", Headers=[header]))["MessageId"]
    (mail,) = ses.mails()
    assert (mail["to"], mail["from"], mail["subject"]) == ("a@example.org", "news@example.com", "News")
    assert (mail["text"], mail["html"], mail["message_id"]) == ("Hello", "<p>Hello</p>", message_id)
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_each_recipient_has_a_row_in_the_mailbox(ses: StandIn) -> None:
    ses.send(Destination={"ToAddresses": ["a@example.org", "b@example.org"], "BccAddresses": ["c@example.org"]})
    assert [mail["to"] for mail in ses.mails()] == ["a@example.org", "b@example.org", "c@example.org"]


def test_the_mailbox_shows_a_message_tag_under_the_chosen_field_name(ses: StandIn) -> None:
    ses.send(EmailTags=[{"Name": "nid", "Value": "spring"}])
    ses.send()
    assert [mail["newsletter"] for mail in ses.mails()] == ["spring", None]


def test_a_raw_mail_is_read_as_mime(ses: StandIn) -> None:
    raw = EmailMessage()
    raw["From"], raw["To"], raw["Subject"] = "Zoë <news@example.com>", "a@example.org", "Grüße"
    raw["X-Campaign"] = "spring"
    raw.set_content("plain")
    raw.add_alternative("<p>rich</p>", subtype="html")
    ses.client.send_email(Content={"Raw": {"Data": raw.as_bytes()}})
    (mail,) = ses.mails()
    assert (mail["to"], mail["subject"], mail["headers"]["X-Campaign"]) == ("a@example.org", "Grüße", "spring")
    assert (mail["text"].strip(), mail["html"].strip()) == ("plain", "<p>rich</p>")


def test_the_destination_overrides_the_headers_of_a_raw_mail(ses: StandIn) -> None:
    raw = b"From: news@example.com\r\nTo: shown@example.org\r\nSubject: x\r\n\r\nbody"
    ses.client.send_email(Content={"Raw": {"Data": raw}}, Destination={"ToAddresses": ["real@example.org"]})
    assert [mail["to"] for mail in ses.mails()] == ["real@example.org"]


def test_a_raw_mail_with_a_repeated_subject_is_refused(ses: StandIn) -> None:
    raw = b"From: news@example.com\r\nTo: a@example.org\r\nSubject: x\r\nSubject: y\r\n\r\nbody"
    with pytest.raises(ClientError, match="Duplicate header"):
        ses.client.send_email(Content={"Raw": {"Data": raw}})


def test_inline_template_content_is_rendered(ses: StandIn) -> None:
    template = {"TemplateContent": {"Subject": "Hi {{name}}", "Text": "{{ name }}!"}, "TemplateData": '{"name": "Ada"}'}
    ses.send(Content={"Template": template})
    (mail,) = ses.mails()
    assert (mail["subject"], mail["text"]) == ("Hi Ada", "Ada!")


def test_a_mail_of_forty_megabytes_is_refused(ses: StandIn) -> None:
    with pytest.raises(ClientError, match="Message length is more than"):
        ses.client.send_email(**email(Body={"Text": {"Data": "x" * (40 * 1024 * 1024 + 1)}}))


def test_a_message_id_looks_like_one_of_ses(ses: StandIn) -> None:
    first, *middle, last = ses.send().split("-")
    assert (len(first), len(middle), last) == (16, 5, "000000")


def test_a_mail_without_a_configuration_set_publishes_nothing(ses: StandIn, engine: StubEngine) -> None:
    ses.send(ConfigurationSetName="")
    ses.wait_until_published()
    assert engine.events() == []


def test_routes_unknown_here_are_answered_by_the_engine(ses: StandIn, engine: StubEngine) -> None:
    templates = ses.client.list_email_templates(PageSize=3)["TemplatesMetadata"]
    assert templates[0]["TemplateName"] == "from-the-engine"
    assert engine.asked == ["GET /v2/email/templates?PageSize=3"]


def test_one_connection_carries_many_calls(ses: StandIn) -> None:
    client = ses.new_client()
    for _ in range(3):
        headers = client.get_account()["ResponseMetadata"]["HTTPHeaders"]
        assert headers.get("connection") != "close"


def test_a_quoted_display_name_may_hold_angle_brackets(ses: StandIn) -> None:
    ses.send('"<b> \\"B\\" </b>" <b@example.org>')
    assert [mail["to"] for mail in ses.mails()] == ["b@example.org"]
