"""An upgrade and its rollback leave the list as it is: each release reads and changes what the other one wrote.

`tests/releases/previous.tar.xz` is the code and the template of the previous release.
"""

import itertools
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.settings import ENGINE_PYTHON
from local.stack import Stack
from optout.campaigns.campaign import State
from tests.flows.story import BODY, Story, wait_for
from tests.reliability.provider import change
from tests.support.patience import PATIENCE
from tools.paths import ROOT, TEMPLATE
from tools.stores import Stores

PREVIOUS = ROOT / "tests" / "releases" / "previous.tar.xz"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template of the previous release, with its code beside it."""
    directory = tmp_path_factory.mktemp("previous")
    with tarfile.open(PREVIOUS) as archive:
        archive.extractall(directory, filter="data")
    return directory / "template.yaml"


class Site:
    """A stack that can be upgraded and rolled back."""

    def __init__(self, stack: Stack, previous: Path, http: httpx.Client) -> None:
        self._stack, self._previous, self._http = stack, previous, http

    def upgrade(self) -> None:
        self.change(True)

    def roll_back(self) -> None:
        self.change(False)

    def change(self, upgrades: bool) -> None:
        template = TEMPLATE if upgrades else self._previous
        if self._stack.template != template:
            self._stack.update(template)

    @contextmanager
    def sender_unverified(self) -> Iterator[None]:
        """A campaign is parked when its first block is sent."""
        verified = change(self._stack)["identities"]
        change(self._stack, identities=["elsewhere.example"])
        try:
            yield
        finally:
            change(self._stack, identities=verified)

    def person(self) -> Story:
        return Story(self._stack, Stores(self._stack), self._http, f"person{next(_numbers)}@example.org")


@pytest.fixture(scope="module")
def site(previous: Path) -> Iterator[Site]:
    if not ENGINE_PYTHON.exists():
        pytest.skip("no engine: ./dev test makes it")
    with (
        Stack(template=previous) as stack,
        httpx.Client(base_url=stack.url, timeout=PATIENCE, trust_env=False) as http,
    ):
        yield Site(stack, previous, http)


def own(story: Story, method: str, path: str, **options: Any) -> Any:
    answer = story.native(method, f"/optout/v1/{path}", **options)
    assert answer.status_code < 300, answer.text
    return answer.json()


def total(story: Story) -> int:
    return int(story.repzo("GET", "/mail-unsubscribe").json()["paging"]["total"])


def leave(story: Story) -> str:
    answer = story.repzo("POST", "/mail-unsubscribe", json={"email": story.email, "reason": "Too many"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["_id"])


def come_back(story: Story, record: str) -> None:
    assert story.repzo("DELETE", f"/mail-unsubscribe/{record}").status_code == 200


def test_a_record_of_one_release_is_listed_counted_explained_and_removed_by_the_other(site: Site) -> None:
    site.roll_back()
    old, before = site.person(), total(site.person())
    of_old = leave(old)
    site.upgrade()
    new = site.person()
    of_new = leave(new)
    assert (old.is_unsubscribed(), new.is_unsubscribed(), total(new)) == (True, True, before + 2)
    assert "Too many" in str(own(new, "GET", "explain", params={"email": old.email}))
    come_back(new, of_old)
    site.roll_back()
    assert (old.is_unsubscribed(), new.is_unsubscribed(), total(new)) == (False, True, before + 1)
    assert "Too many" in str(own(new, "GET", "explain", params={"email": new.email}))
    come_back(old, of_new)
    assert (new.is_unsubscribed(), total(new)) == (False, before)


def test_a_link_of_one_release_works_with_the_other(site: Site) -> None:
    site.roll_back()
    old = site.person()
    old.subscribe()
    of_old = old.link(old.mails(old.send())[0])
    site.upgrade()
    new = site.person()
    new.subscribe()
    of_new = new.link(new.mails(new.send())[0])
    assert new.press(of_old).status_code == 200
    assert old.is_unsubscribed()
    site.roll_back()
    assert new.press(of_new).status_code == 200
    assert new.is_unsubscribed()


@pytest.mark.parametrize("upgrades", [True, False], ids=["upgrade", "rollback"])
def test_a_campaign_that_one_release_expanded_is_sent_by_the_other(site: Site, upgrades: bool) -> None:
    site.change(not upgrades)
    story, gone = site.person(), site.person()
    story.subscribe()
    gone.subscribe()
    leave(gone)
    with site.sender_unverified():
        mailing = {"from": story.credentials["from"], "subject": "To [fname]", "html": BODY}
        campaign = int(own(story, "POST", "campaigns", json=mailing)["id"])
        wait_for("the campaign to be parked", lambda: story.campaign(campaign).state is State.PARKED)
        site.change(upgrades)
    own(story, "POST", f"campaigns/{campaign}/resume")
    wait_for("the campaign to finish", lambda: story.campaign(campaign).state is State.FINISHED)
    (mail,) = story.mails(campaign)
    assert (mail["subject"], gone.mails(campaign)) == ("To Ada", [])


@pytest.mark.parametrize("upgrades", [True, False], ids=["upgrade", "rollback"])
def test_a_subscriber_of_one_release_is_changed_and_leaves_by_the_other(site: Site, upgrades: bool) -> None:
    site.change(not upgrades)
    story = site.person()
    subscriber = story.subscribe()
    site.change(upgrades)
    moved = {"email": f"new.{story.email}", "name": "Ada Byron"}
    assert story.letterbucket("PUT", f"/subscribers/{subscriber}", json=moved).status_code == 200
    assert subscriber in [one["id"] for one in story.letterbucket("GET", "/subscribers").json()["data"]]
    assert story.letterbucket("DELETE", f"/subscribers/{subscriber}").status_code == 200
    site.change(not upgrades)
    assert story.is_unsubscribed(moved["email"])
