"""Our own API over HTTP: what it says of an address, however a client writes the address into a path."""

from urllib.parse import quote

import pytest

from optout import number
from tests.flows.story import Story


def leave(story: Story, email: str) -> str:
    """The record of somebody who leaves, as a number."""
    answer = story.repzo("POST", "/mail-unsubscribe", json={"email": email, "reason": "Too many mails"})
    assert answer.status_code == 201, answer.text
    return str(number.from_object_id(answer.json()["data"]["_id"]))


@pytest.mark.parametrize("safe", ["", "@", "@+!$&'*="], ids=["all escaped", "at sign", "as little as may be"])
@pytest.mark.parametrize("local", ["ada", "ada+news", "josé", "50%", "50%25", "!$&'*-=^_{|}~"])
def test_an_address_is_explained_however_its_path_is_escaped(local: str, safe: str, story: Story) -> None:
    email = f"{local}.{story.email}"
    record = leave(story, email)
    answer = story.native("GET", f"/optout/v1/addresses/{quote(email, safe=safe)}/explain")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["email"], [row["id"] for row in answer.json()["in_force"]]) == (email, [record])


@pytest.mark.parametrize("offset", ["Z", "%2B00:00", "+00:00"])
def test_a_time_may_have_an_offset(offset: str, story: Story) -> None:
    leave(story, story.email)
    path = f"/optout/v1/addresses/{story.email}/explain"
    assert len(story.native("GET", f"{path}?at=2099-01-01T00:00:00{offset}").json()["story"]) == 1
    assert story.native("GET", f"{path}?at=2020-01-01T00:00:00{offset}").json()["story"] == []


def test_who_left_is_left_alone_and_why_is_told(story: Story) -> None:
    record = leave(story, story.email)
    asked = {"addresses": [{"email": story.email}, {"email": f"other.{story.email}"}]}
    results = story.native("POST", "/optout/v1/check", json=asked).json()["results"]
    assert [found["allowed"] for found in results] == [False, True]
    assert [rule["id"] for rule in results[0]["rules"]] == [record]
    history = story.native("GET", f"/optout/v1/suppressions/{record}/history")
    assert [step["why"] for step in history.json()["history"]] == ["Too many mails"]
