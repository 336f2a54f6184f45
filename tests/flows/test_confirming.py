"""Whoever is pending is asked by mail, and nothing but their own click on the page makes them active."""

import re
from typing import Any

import httpx
import pytest

from tests.flows.story import Story, wait_for

SCANNERS = ("GET", "HEAD", "OPTIONS")
YES = {"subscription": "confirm"}


def pending(story: Story) -> str:
    """Add somebody who is to confirm; the subscriber's id."""
    answer = story.letterbucket("POST", "/subscribers", json={"email": story.email, "status": "pending"})
    assert (answer.status_code, answer.json()["data"]["status"]) == (201, "pending"), answer.text
    return str(answer.json()["data"]["id"])


def mails(story: Story, email: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = story.http.get("/_local/mailbox.json", params={"to": email or story.email}).json()
    return [mail for mail in found if "confirm" in mail["subject"]]


def link(story: Story, email: str = "") -> str:
    """The link of the mail that asks, once it is there."""
    wait_for("the mail that asks", lambda: bool(mails(story, email)))
    found = re.search(r"http\S+/c/[\w-]+", mails(story, email)[-1]["text"])
    assert found
    return found[0]


def settle(story: Story) -> None:
    """Until the confirm queue has nothing left to say."""
    sqs, url = story.stack.client("sqs"), story.stack.resources["ConfirmQueue"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def empty() -> bool:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return all(found[name] == "0" for name in names)

    wait_for("the queue to be empty", empty)


def press(url: str, **form: str) -> httpx.Response:
    return httpx.post(url, data=form or YES, trust_env=False)


def ask_again(story: Story, subscriber: str, **changes: str) -> None:
    answer = story.letterbucket("PUT", f"/subscribers/{subscriber}", json={"status": "pending", **changes})
    assert answer.status_code == 200, answer.text


def test_who_is_pending_is_asked_and_becomes_active_by_the_button_of_the_page(story: Story) -> None:
    subscriber = pending(story)
    url = link(story)
    (mail,) = mails(story)
    assert mail["from"] == "The Weekly <news@example.com>"
    assert mail["subject"] == "Please confirm your subscription to The Weekly"
    assert url in mail["html"]
    page = httpx.get(url, trust_env=False)
    assert page.text.count("<button") == 1
    assert "<script" not in page.text
    assert story.status(subscriber) == "pending"
    assert "You are subscribed" in press(url).text
    assert story.status(subscriber) == "active"


def test_a_mailing_reaches_who_confirmed_and_not_who_is_pending(story: Story) -> None:
    pending(story)
    url = link(story)
    assert story.mails(story.send()) == []
    press(url)
    assert len(story.mails(story.send())) == 1


def test_no_scanner_confirms_and_no_empty_post_either(story: Story) -> None:
    subscriber = pending(story)
    url = link(story)
    for method in SCANNERS * 10:
        assert httpx.request(method, url, trust_env=False).status_code in (200, 204)
    for refused in (httpx.post(url, trust_env=False), press(url, **{"List-Unsubscribe": "One-Click"})):
        assert refused.status_code in (400, 415)
    assert httpx.put(url, trust_env=False).status_code == 405
    assert story.status(subscriber) == "pending"


def test_a_yes_is_kept_with_when_and_how(story: Story) -> None:
    subscriber = pending(story)
    url = link(story)
    for _ in range(2):
        agent = {"User-Agent": "Firefox of Ada"}
        assert httpx.post(url, data=YES, headers=agent, trust_env=False).status_code == 200
    answer = story.native("GET", f"/optout/v1/subscribers/{subscriber}/confirmations")
    (yes,) = answer.json()["confirmations"]
    assert (yes["email"], yes["via"], yes["user_agent"]) == (story.email, "link", "Firefox of Ada")
    assert yes["requested_at"] <= yes["confirmed_at"]
    assert re.fullmatch("[0-9a-f]{32}", yes["ip_hash"])


def test_asking_again_at_once_sends_no_second_mail_and_the_first_link_works(story: Story) -> None:
    subscriber = pending(story)
    url = link(story)
    for _ in range(3):
        ask_again(story, subscriber)
    settle(story)
    assert len(mails(story)) == 1
    press(url)
    assert story.status(subscriber) == "active"


def test_a_link_lapses_with_its_address_and_the_new_one_is_asked(story: Story) -> None:
    subscriber, new = pending(story), f"new.{story.email}"
    old_link = link(story)
    assert story.letterbucket("PUT", f"/subscribers/{subscriber}", json={"email": new}).status_code == 200
    assert press(old_link).status_code == 410
    assert story.status(subscriber) == "pending"
    assert press(link(story, new)).status_code == 200
    assert story.status(subscriber) == "active"


def test_who_left_this_newsletter_comes_back_by_their_own_yes(story: Story) -> None:
    subscriber = story.subscribe()
    story.letterbucket("DELETE", f"/subscribers/{subscriber}")
    ask_again(story, subscriber)
    assert story.status(subscriber) == "unsubscribed"
    press(link(story))
    assert story.status(subscriber) == "active"


def test_who_leaves_after_being_asked_stays_away(story: Story) -> None:
    subscriber = pending(story)
    url = link(story)
    story.letterbucket("DELETE", f"/subscribers/{subscriber}")
    assert press(url).status_code == 410
    assert story.status(subscriber) == "unsubscribed"


def test_who_left_everything_is_not_asked_and_an_old_link_does_not_bring_them_back(story: Story) -> None:
    subscriber = pending(story)
    url = link(story)
    story.repzo("POST", "/mail-unsubscribe", json={"email": story.email})
    answer = press(url)
    assert (answer.status_code, "asked us to send you no email at all" in answer.text) == (200, True)
    assert story.is_unsubscribed()
    assert story.status(subscriber) == "unsubscribed"


@pytest.mark.parametrize("kind", ["bounce", "complaint"])
def test_who_bounced_or_complained_gets_no_mail(kind: str, story: Story) -> None:
    story.email = f"{kind}+{story.email.partition('@')[0]}@simulator.amazonses.com"
    subscriber = story.subscribe()
    story.send()
    wait_for("the feedback to arrive", story.is_unsubscribed)
    ask_again(story, subscriber)
    settle(story)
    assert mails(story) == []


def test_an_invitation_that_bounces_suppresses_in_its_own_workspace_only(story: Story, elsewhere: Story) -> None:
    story.email = elsewhere.email = f"bounce+{story.email.partition('@')[0]}@simulator.amazonses.com"
    pending(story)
    wait_for("the feedback to arrive", story.is_unsubscribed)
    assert not elsewhere.is_unsubscribed()


def test_a_bulk_of_pending_people_is_asked_each_once(story: Story) -> None:
    emails = [f"p{at}.{story.email}" for at in range(20)]
    people = [{"email": email, "status": "pending"} for email in emails]
    assert story.letterbucket("POST", "/subscribers/bulk", json=people).status_code == 201
    wait_for("all mails", lambda: all(mails(story, email) for email in emails))
    settle(story)
    assert [len(mails(story, email)) for email in emails] == [1] * 20
