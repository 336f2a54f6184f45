"""What a story can do: call each dialect as its clients do, read the mailbox, press links."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from local.stack import Stack
from optout.campaigns.campaign import Campaign, State
from tests.support.patience import PATIENCE
from tools.stores import Stores

BODY = '<p>Hello [fname]</p><p><a href="[unsubscribe]">Leave</a></p>'


def wait_for(what: str, done: Callable[[], bool]) -> None:
    """Until it is so; the time out only ends a test that has failed."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


@dataclass
class Story:
    """One workspace's credentials and one person's address."""

    stack: Stack
    stores: Stores
    http: httpx.Client
    email: str
    own_credentials: dict[str, Any] | None = None

    @property
    def credentials(self) -> dict[str, Any]:
        return self.own_credentials or self.stack.credentials

    def repzo(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.http.request(method, path, headers={"api-key": self.credentials["repzo"]["api_key"]}, **options)

    def letterbucket(self, method: str, path: str, **options: Any) -> httpx.Response:
        key = self.credentials["letterbucket"]["api_key"]
        return self.http.request(method, path, headers={"Authorization": f"Bearer {key}"}, **options)

    def native(self, method: str, path: str, **options: Any) -> httpx.Response:
        key = self.credentials["native"]["api_key"]
        headers = {"Authorization": f"Bearer {key}", **options.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **options)

    def mirasvit(self, method: str, path: str, **options: Any) -> httpx.Response:
        token = self.credentials["mirasvit"]["access_token"]
        return self.http.request(method, path, headers={"Authorization": f"Bearer {token}"}, **options)

    def rocketchat(self, path: str, **options: Any) -> httpx.Response:
        login = self.credentials["rocketchat"]
        headers = {"X-Auth-Token": login["auth_token"], "X-User-Id": login["user_id"]}
        return self.http.post(path, headers=headers, **options)

    def subscribe(self, email: str | None = None, name: str = "Ada Lovelace") -> str:
        """Add somebody to the newsletter; the subscriber's id."""
        answer = self.letterbucket("POST", "/subscribers", json={"email": email or self.email, "name": name})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def status(self, subscriber: str) -> str:
        return str(self.letterbucket("GET", f"/subscribers/{subscriber}").json()["data"]["status"])

    def is_unsubscribed(self, email: str | None = None) -> bool:
        answer = self.repzo("POST", "/mail-unsubscribe/check", json={"email": email or self.email})
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["data"]["is_unsubscribed"])

    def send(self, subject: str = "News", body: str = BODY, **more: Any) -> int:
        """Send a mailing and wait until everybody is accounted for; the campaign's number."""
        mailing = {"from": self.credentials["from"], "subject": subject, "body": body, **more}
        answer = self.rocketchat("/api/v1/mailer", json=mailing)
        assert answer.status_code == 200, answer.text
        campaign = int(answer.headers["X-Campaign-Id"])
        wait_for("the campaign to finish", lambda: self.campaign(campaign).state is State.FINISHED)
        return campaign

    def campaign(self, number: int) -> Campaign:
        found = self.stores.campaigns.get(number)
        assert found is not None
        return found

    def mails(self, campaign: int, email: str | None = None) -> list[dict[str, Any]]:
        """What a campaign brought to one address."""
        found = self.http.get("/_local/mailbox.json", params={"to": email or self.email}).json()
        return [mail for mail in found if mail["campaign_id"] == str(campaign)]

    def link(self, mail: dict[str, Any]) -> str:
        """The one-click address of a mail."""
        return str(mail["headers"]["List-Unsubscribe"]).partition(">")[0].removeprefix("<")

    def press(self, url: str) -> httpx.Response:
        """As a mail provider does: a bare POST of the pair."""
        return httpx.post(url, data={"List-Unsubscribe": "One-Click"}, trust_env=False)
