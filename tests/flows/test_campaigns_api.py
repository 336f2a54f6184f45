"""Campaigns by our own API over HTTP: one per key, steered, on time, and accounted for to the last recipient."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from optout.campaigns.campaign import State
from tests.flows.story import BODY, Story, wait_for


def ask(story: Story, method: str, path: str = "", **options: Any) -> httpx.Response:
    return story.native(method, f"/optout/v1/campaigns{path}", **options)


def create(story: Story, key: str = "", **more: Any) -> httpx.Response:
    """A campaign for whoever has the story's address."""
    query = f'{{"email": "{story.email}"}}'
    mailing = {"from": story.credentials["from"], "subject": "News", "html": BODY, "query": query, **more}
    return ask(story, "POST", json=mailing, headers={"Idempotency-Key": key} if key else {})


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def finished(story: Story, campaign: str) -> Any:
    wait_for("the campaign to finish", lambda: story.campaign(int(campaign)).state is State.FINISHED)
    return ask(story, "GET", f"/{campaign}").json()


def test_a_request_that_is_made_twice_is_one_campaign_and_one_mail(story: Story) -> None:
    story.subscribe()
    first, second = create(story, f"key of {story.email}"), create(story, f"key of {story.email}")
    assert (first.status_code, second.status_code) == (201, 201), first.text
    campaign = first.json()["id"]
    assert second.json()["id"] == campaign
    assert finished(story, campaign)["counters"]["sent"] == 1
    assert len(story.mails(int(campaign))) == 1
    assert create(story, f"key of {story.email}", subject="Other").status_code == 409
    assert campaign in [row["id"] for row in ask(story, "GET").json()["campaigns"]]


def test_deliveries_add_up_to_the_counters_and_say_who_was_skipped_and_why(story: Story) -> None:
    story.subscribe()
    gone = f"gone.{story.email}"
    story.subscribe(gone)
    left = story.repzo("POST", "/mail-unsubscribe", json={"email": gone})
    assert left.status_code == 201
    made = create(story, query=f'{{"email": {{"$in": ["{story.email}", "{gone}"]}}}}')
    counters = finished(story, made.json()["id"])["counters"]
    page = ask(story, "GET", f"/{made.json()['id']}/deliveries").json()
    statuses = {row["email"]: (row["status"], row["reason"]) for row in page["deliveries"]}
    assert statuses == {story.email: ("sent", None), gone: ("skipped", "unsubscribed")}
    assert Counter(status for status, _ in statuses.values()) == {name: counters[name] for name in ("sent", "skipped")}
    assert (page["after"], page["final"], counters["audience"]) == (None, True, 2)


def test_a_preview_tells_what_the_campaign_does(story: Story) -> None:
    story.subscribe()
    mailing = {"from": story.credentials["from"], "subject": "Hi [fname]", "html": BODY}
    found = ask(story, "POST", "/preview", json={**mailing, "query": f'{{"email": "{story.email}"}}'})
    assert found.status_code == 200, found.text
    assert (found.json()["audience"], found.json()["mails"]) == (1, 1)
    assert [(one["to"], one["subject"]) for one in found.json()["samples"]] == [(story.email, "Hi Ada")]
    assert found.json()["rate_per_second"] > 0


def test_a_scheduled_campaign_is_sent_when_it_is_time_and_not_before(story: Story) -> None:
    story.subscribe()
    made = create(story, send_at=in_seconds(4))
    assert (made.status_code, made.json()["state"]) == (201, "scheduled"), made.text
    campaign = made.json()["id"]
    assert finished(story, campaign)["counters"]["sent"] == 1
    assert datetime.now(UTC) >= datetime.fromisoformat(made.json()["send_at"])
    assert len(story.mails(int(campaign))) == 1


def test_a_schedule_in_the_past_is_refused(story: Story) -> None:
    assert create(story, send_at=in_seconds(-60)).status_code == 422


def test_a_scheduled_campaign_is_paused_taken_up_again_and_cancelled(story: Story) -> None:
    story.subscribe()
    campaign = create(story, send_at=in_seconds(600)).json()["id"]
    assert ask(story, "POST", f"/{campaign}/pause").json()["state"] == "paused"
    assert ask(story, "POST", f"/{campaign}/resume").json()["state"] == "scheduled"
    assert ask(story, "POST", f"/{campaign}/cancel").json()["state"] == "cancelled"
    assert ask(story, "POST", f"/{campaign}/resume").status_code == 409
    assert story.mails(int(campaign)) == []


@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
def test_a_finished_campaign_cannot_be_steered(act: str, story: Story) -> None:
    story.subscribe()
    campaign = create(story).json()["id"]
    finished(story, campaign)
    assert ask(story, "POST", f"/{campaign}/{act}").status_code == 409


def test_a_test_is_mailed_to_one_address(story: Story) -> None:
    story.subscribe()
    campaign = create(story, send_at=in_seconds(600)).json()["id"]
    trial = ask(story, "POST", f"/{campaign}/test", json={"to": story.email})
    assert trial.status_code == 201, trial.text
    assert finished(story, trial.json()["id"])["counters"]["sent"] == 1
    assert len(story.mails(int(trial.json()["id"]))) == 1
    assert ask(story, "POST", f"/{campaign}/cancel").status_code == 200


def test_another_workspace_sees_nothing_of_it(story: Story, elsewhere: Story) -> None:
    campaign = create(story, send_at=in_seconds(600)).json()["id"]
    assert ask(elsewhere, "GET", f"/{campaign}").status_code == 404
    assert ask(elsewhere, "POST", f"/{campaign}/cancel").status_code == 404
    assert ask(story, "POST", f"/{campaign}/cancel").status_code == 200
