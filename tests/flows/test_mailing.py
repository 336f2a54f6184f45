"""A mailing reaches everybody who has not left, once."""

import re

import pytest

from tests.flows.story import Story


def test_a_mailing_accounts_for_every_recipient(story: Story) -> None:
    story.subscribe()
    campaign = story.campaign(story.send())
    assert campaign.counters["audience"] == campaign.accounted


def test_every_mail_carries_the_one_click_pair(story: Story) -> None:
    story.subscribe()
    (mail,) = story.mails(story.send())
    assert re.fullmatch(r"<http://[^>]+/u/[A-Za-z0-9_-]{44}>", mail["headers"]["List-Unsubscribe"])
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_placeholders_are_filled_in_each_place_once(story: Story) -> None:
    story.subscribe(name="[email] <b>O'Hara</b>")
    body = "<p>[name] {{name}} { [fname]}</p><a href='[unsubscribe]'>go</a>"
    (mail,) = story.mails(story.send(subject="To [name]", body=body))
    assert mail["subject"] == "To [email] <b>O'Hara</b>"
    assert "[email] &lt;b&gt;O&#x27;Hara&lt;/b&gt; {{name}} { [email]}" in mail["html"]
    assert "[email] <b>O'Hara</b> {{name}} { [email]}" in mail["text"]
    assert story.link(mail) in mail["html"]


def test_somebody_who_subscribes_later_is_not_in_an_earlier_mailing(story: Story) -> None:
    campaign = story.send()
    story.subscribe()
    assert story.mails(campaign) == []


@pytest.mark.parametrize("dryrun", [True, "true", 1])
def test_a_dry_run_sends_one_mail_to_the_sender_and_to_nobody_else(story: Story, dryrun: object) -> None:
    story.subscribe()
    campaign = story.send(dryrun=dryrun)
    assert story.mails(campaign) == []
    assert len(story.mails(campaign, story.credentials["from"])) == 1
    assert story.campaign(campaign).counters["audience"] == 1


def test_more_recipients_than_one_block_are_mailed_once_each(story: Story) -> None:
    people = [f"crowd{n}.{story.email}" for n in range(120)]
    for email in people:
        story.subscribe(email)
    campaign = story.send()
    mailed = [
        mail["to"]
        for mail in story.http.get("/_local/mailbox.json").json()
        if mail["campaign_id"] == str(campaign) and mail["to"].startswith("crowd")
    ]
    assert sorted(mailed) == sorted(people)


def test_a_sender_that_the_credential_may_not_use_is_refused_and_nothing_is_stored(story: Story) -> None:
    mailing = {"from": "boss@elsewhere.example", "subject": "x", "body": "[unsubscribe]"}
    answer = story.rocketchat("/api/v1/mailer", json=mailing)
    assert answer.status_code == 400
    assert answer.json()["errorType"] == "error-invalid-from-address"
    assert "X-Campaign-Id" not in answer.headers
