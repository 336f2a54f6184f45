"""Who leaves through one door is left alone by all."""

from collections.abc import Callable

import httpx
import pytest

from tests.flows.story import Story, wait_for


def leave_by_repzo(story: Story, subscriber: str) -> None:
    assert story.repzo("POST", "/v1/mail-unsubscribe", json={"email": story.email}).status_code == 201


def leave_by_mirasvit(story: Story, subscriber: str) -> None:
    body = {"unsubscription": {"email": story.email, "trigger_id": 0}}
    assert story.mirasvit("POST", "/rest/V1/mst-email/unsubscriptions", json=body).status_code == 200


def leave_by_letterbucket(story: Story, subscriber: str) -> None:
    assert story.letterbucket("DELETE", f"/subscribers/{subscriber}").status_code == 200


def leave_by_rocketchat(story: Story, subscriber: str) -> None:
    from optout.number import from_uuid, to_meteor_id

    number = from_uuid(subscriber)
    assert number is not None
    person = story.stores.subscribers.find("acme", number)
    assert person is not None
    body = {"_id": to_meteor_id(number), "createdAt": str(person.created)}
    assert story.rocketchat("/api/v1/mailer.unsubscribe", json=body).json() == {"success": True}


def leave_by_link(story: Story, subscriber: str) -> None:
    campaign = story.send()
    assert story.press(story.link(story.mails(campaign)[0])).status_code == 200


DOORS = [leave_by_repzo, leave_by_mirasvit, leave_by_letterbucket, leave_by_rocketchat, leave_by_link]


@pytest.mark.parametrize("leave", DOORS)
def test_who_leaves_through_one_door_is_left_alone_by_all(story: Story, leave: Callable[[Story, str], None]) -> None:
    subscriber = story.subscribe()
    assert story.status(subscriber) == "active"
    assert not story.is_unsubscribed()

    leave(story, subscriber)

    assert story.is_unsubscribed()
    assert story.status(subscriber) == "unsubscribed"
    campaign = story.send()
    assert story.mails(campaign) == []
    statuses = {line.recipient.email: line.status for line in story.stores.campaigns.ledger(campaign)}
    assert statuses[story.email] == "skipped"


@pytest.mark.parametrize("leave", DOORS)
def test_leaving_stays_within_the_workspace(
    story: Story, elsewhere: Story, leave: Callable[[Story, str], None]
) -> None:
    leave(story, story.subscribe())
    assert story.is_unsubscribed()
    assert not elsewhere.is_unsubscribed()
    assert elsewhere.status(elsewhere.subscribe()) == "active"


def test_a_case_variant_of_an_address_is_the_same_person(story: Story) -> None:
    story.repzo("POST", "/mail-unsubscribe", json={"email": story.email.upper()})
    assert story.is_unsubscribed()


def test_a_one_click_link_works_again_and_again_and_asking_changes_nothing(story: Story) -> None:
    story.subscribe()
    link = story.link(story.mails(story.send())[0])
    for method in ("GET", "HEAD", "OPTIONS"):
        assert httpx.request(method, link, trust_env=False).status_code in (200, 204)
    assert not story.is_unsubscribed()
    assert [story.press(link).status_code for _ in range(3)] == [200, 200, 200]
    assert story.is_unsubscribed()


@pytest.mark.parametrize("kind", ["bounce", "complaint"])
def test_a_bounce_or_complaint_suppresses_by_itself(story: Story, kind: str) -> None:
    story.email = f"{kind}+{story.email.partition('@')[0]}@simulator.amazonses.com"
    subscriber = story.subscribe()
    first = story.send()
    wait_for("the feedback to arrive", story.is_unsubscribed)
    second = story.send()
    assert story.mails(second) == []
    assert story.status(subscriber) == "unsubscribed"
    name = {"bounce": "bounced", "complaint": "complained"}[kind]
    wait_for("the campaign to count it", lambda: story.campaign(first).counters.get(name, 0) >= 1)


def test_an_out_of_office_reply_suppresses_nobody(story: Story) -> None:
    story.email = f"ooto+{story.email.partition('@')[0]}@simulator.amazonses.com"
    story.subscribe()
    campaign = story.send()
    wait_for("the stand-in's events", lambda: story.http.get("/_local/events").json()["pending"] == 0)
    assert not story.is_unsubscribed()
    assert len(story.mails(campaign)) == 1
