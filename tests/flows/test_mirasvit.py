"""Magento's clients at work: signing in, signing requests, reading the list to its end, lifting."""

from typing import Any

import httpx
import pytest
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, Client  # type: ignore[import-untyped]

from tests.flows.story import Story, wait_for

ROWS = "/rest/V1/mst-email/unsubscriptions"


def signed(
    story: Story, method: str, path: str, algorithm: str = SIGNATURE_HMAC_SHA256, **options: Any
) -> httpx.Response:
    """A request that carries no secret, only what was made with it."""
    keys = story.credentials["mirasvit"]
    client = Client(
        keys["consumer_key"],
        client_secret=keys["consumer_secret"],
        resource_owner_key=keys["access_token"],
        resource_owner_secret=keys["token_secret"],
        signature_method=algorithm,
    )
    url, headers, _ = client.sign(f"{story.stack.url}{path}", http_method=method)
    return story.http.request(method, url, headers=headers, **options)


@pytest.mark.parametrize("algorithm", [SIGNATURE_HMAC_SHA256, SIGNATURE_HMAC_SHA1])
def test_a_client_that_signs_its_requests_adds_finds_and_lifts(story: Story, algorithm: str) -> None:
    row = signed(
        story, "POST", ROWS, algorithm, json={"unsubscription": {"email": story.email, "trigger_id": 7}}
    ).json()
    start = "searchCriteria%5BfilterGroups%5D%5B0%5D%5Bfilters%5D%5B0%5D"
    query = f"{start}%5Bfield%5D=email&{start}%5Bvalue%5D={story.email}&fields=items%5Bid%2Cemail%5D%2Ctotal_count"
    found = signed(story, "GET", f"{ROWS}/?{query}", algorithm)
    assert found.json() == {"items": [{"id": row["id"], "email": story.email}], "total_count": 1}, found.text
    lifted = signed(story, "DELETE", f"{ROWS}/{row['id']}", algorithm)
    assert (lifted.status_code, lifted.text) == (200, "true")
    assert signed(story, "GET", f"{ROWS}/{row['id']}", algorithm).status_code == 404


def test_a_signature_with_another_secret_opens_nothing(story: Story, elsewhere: Story) -> None:
    elsewhere.credentials["mirasvit"]["token_secret"], own = "wrong", elsewhere.credentials["mirasvit"]["token_secret"]
    try:
        answer = signed(elsewhere, "GET", ROWS)
    finally:
        elsewhere.credentials["mirasvit"]["token_secret"] = own
    assert answer.status_code == 401
    assert signed(elsewhere, "GET", ROWS).status_code == 200


def test_who_signs_in_gets_a_token_that_works(story: Story) -> None:
    keys = story.credentials["mirasvit"]
    login = {"username": keys["username"], "password": keys["password"]}
    token = story.http.post("/rest/V1/integration/admin/token", json=login).json()
    websites = story.http.get("/rest/default/V1/store/websites/", headers={"Authorization": f"Bearer {token}"})
    assert [website["code"] for website in websites.json()] == ["base"]
    wrong = story.http.post("/rest/V1/integration/admin/token", json=login | {"password": "wrong"})
    assert (wrong.status_code, "account sign-in was incorrect" in wrong.text) == (401, True)


def test_a_client_that_pages_by_id_reads_every_row_once(story: Story) -> None:
    made = [
        story.mirasvit("POST", ROWS, json={"unsubscription": {"email": story.email, "trigger_id": n}}).json()["id"]
        for n in range(1, 8)
    ]
    seen, last = list[int](), made[0] - 1
    start = "searchCriteria[filterGroups][0][filters][0]"
    while True:
        query = f"{start}[field]=id&{start}[conditionType]=gt&{start}[value]={last}"
        query += "&searchCriteria[sortOrders][0][field]=id&searchCriteria[sortOrders][0][direction]=ASC"
        rows = story.mirasvit("GET", f"{ROWS}?{query}&searchCriteria[pageSize]=3").json()["items"]
        if not rows:
            break
        seen += [row["id"] for row in rows]
        last = seen[-1]
    assert set(made) <= set(seen)
    assert seen == sorted(set(seen))


def test_a_bounce_is_shown_and_not_lifted(story: Story) -> None:
    story.email = f"bounce+{story.email.partition('@')[0]}@simulator.amazonses.com"
    story.subscribe()
    story.send()
    wait_for("the feedback to arrive", story.is_unsubscribed)
    (row,) = story.mirasvit("GET", ROWS, params=by_email(story.email)).json()["items"]
    answer = story.mirasvit("DELETE", f"{ROWS}/{row['id']}")
    assert answer.status_code == 400
    assert story.is_unsubscribed()


def by_email(email: str) -> dict[str, str]:
    start = "searchCriteria[filter_groups][0][filters][0]"
    return {f"{start}[field]": "email", f"{start}[value]": email}
