"""A client of Rocket.Chat does its job here: it logs in, mails, takes somebody off the list, and logs out."""

import json
from typing import Any

import httpx
import pytest

from optout.campaigns.campaign import State
from optout.number import from_uuid, to_meteor_id
from tests.flows.story import BODY, Story, wait_for

NOT_LOGGED_IN = {
    "success": False,
    "error": "You must be logged in to do this.",
    "status": "error",
    "message": "You must be logged in to do this.",
}


class Client:
    """What the shipped clients do with a base URL, a name and a password."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.headers: dict[str, str] = {}

    def post(self, method: str, **options: Any) -> httpx.Response:
        return self.story.http.post(f"/api/v1/{method}", headers=self.headers, **options)

    def log_in(self, **options: Any) -> None:
        answer = self.post("login", **options)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "success"
        data = answer.json()["data"]
        assert data["me"]["_id"] == data["userId"]
        self.headers = {"X-Auth-Token": data["authToken"], "X-User-Id": data["userId"]}

    def mail(self, query: Any = None) -> set[str]:
        """Send a mailing; whom it reached."""
        body = {"from": self.story.credentials["from"], "subject": "News", "body": BODY}
        answer = self.post("mailer", json=body | ({"query": json.dumps(query)} if query else {}))
        assert (answer.status_code, answer.json()) == (200, {"success": True})
        campaign = int(answer.headers["X-Campaign-Id"])
        wait_for("the campaign to finish", lambda: self.story.campaign(campaign).state is State.FINISHED)
        everything = self.story.http.get("/_local/mailbox.json").json()
        return {mail["to"] for mail in everything if mail["campaign_id"] == str(campaign)}


@pytest.fixture
def client(story: Story) -> Client:
    return Client(story)


def login_of(story: Story) -> dict[str, str]:
    login = story.credentials["rocketchat"]
    return {"user": login["username"], "password": login["password"]}


def test_a_client_logs_in_mails_whom_it_selects_takes_one_off_and_logs_out(story: Story, client: Client) -> None:
    one, other, third = people = [f"{name}.{story.email}" for name in ("one", "other", "third")]
    ids = [story.subscribe(email, name=f"Ada {number}") for number, email in enumerate(people)]

    assert client.post("mailer", json={}).json() == NOT_LOGGED_IN
    client.log_in(json=login_of(story))

    selected = {"email": {"$in": [one.upper(), other]}}
    assert client.mail(selected) == {one, other}
    assert client.mail({"$and": [{"email": {"$in": people}}, {"name": {"$regex": "^Ada "}}]}) == set(people)

    number = from_uuid(ids[0])
    assert number is not None
    person = story.stores.subscribers.find("acme", number)
    assert person
    leaving = {"_id": to_meteor_id(number), "createdAt": str(person.created)}
    assert client.post("mailer.unsubscribe", json=leaving | {"createdAt": "1"}).json() == {"success": True}
    assert not story.is_unsubscribed(one)
    assert client.post("mailer.unsubscribe", json=leaving).json() == {"success": True}
    assert story.is_unsubscribed(one)
    assert client.mail(selected) == {other}
    assert client.mail({"email": {"$in": people}, "status": {"$ne": "x"}}) == {other, third}

    goodbye = client.post("logout")
    assert goodbye.json() == {"status": "success", "data": {"message": "You've been logged out!"}, "success": True}
    for method in ("mailer", "mailer.unsubscribe", "logout"):
        answer = client.post(method, json={})
        assert (answer.status_code, answer.json()) == (401, NOT_LOGGED_IN)


def test_a_client_that_posts_a_form_logs_in_too(story: Story, client: Client) -> None:
    client.log_in(data=login_of(story))
    assert client.post("mailer.unsubscribe", json={"_id": "x", "createdAt": "1"}).json() == {"success": True}


def test_a_wrong_password_is_told_in_the_words_that_clients_look_for(story: Story, client: Client) -> None:
    answer = client.post("login", json=login_of(story) | {"password": "wrong"})
    assert answer.status_code == 401
    assert answer.json() == {"success": False, "status": "error", "error": "Unauthorized", "message": "Unauthorized"}


def test_a_query_narrows_by_newsletter_status_and_time(story: Story, client: Client) -> None:
    story.subscribe()
    client.log_in(json=login_of(story))
    mine = {"email": story.email}
    assert client.mail({**mine, "newsletter": "weekly", "status": "active"}) == {story.email}
    assert client.mail({**mine, "createdAt": {"$gt": {"$date": "2015-01-01T00:00:00.000Z"}}}) == {story.email}
    assert client.mail({**mine, "createdAt": {"$lt": {"$date": 1_420_070_400_000}}}) == set()
    assert client.mail({**mine, "status": "unsubscribed"}) == set()


@pytest.mark.parametrize("query", ["{bad", '{"name":{"$foo":1}}', '{"_id":"x"}'])
def test_a_query_that_is_not_understood_sends_nothing(story: Story, client: Client, query: str) -> None:
    client.log_in(json=login_of(story))
    body = {"from": story.credentials["from"], "subject": "News", "body": BODY, "query": query}
    answer = client.post("mailer", json=body)
    assert (answer.status_code, set(answer.json())) == (400, {"success", "error"})
    assert "X-Campaign-Id" not in answer.headers


def test_one_odd_name_does_not_keep_the_mail_from_the_others(story: Story, client: Client) -> None:
    names = ["a@b.example", "[email]", "$& $1", "<b>Ada</b>", '"Eve" <eve@evil.example>', "\u00c4da, L."]
    people = [f"odd{number}.{story.email}" for number in range(len(names))]
    for email, name in zip(people, names, strict=True):
        story.subscribe(email, name=name)
    client.log_in(json=login_of(story))
    assert client.mail({"email": {"$in": people}}) == set(people)


def test_the_link_of_the_mailer_before_says_how_to_unsubscribe_and_does_nothing(story: Story) -> None:
    number = from_uuid(story.subscribe())
    assert number is not None
    person = story.stores.subscribers.find("acme", number)
    assert person
    link = f"/mailer/unsubscribe/{to_meteor_id(number)}/{person.created}"
    page = story.http.get(link)
    assert (page.status_code, "<form" in page.text) == (200, False)
    assert story.http.head(link).status_code == 200
    assert story.http.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 410
    assert not story.is_unsubscribed()
