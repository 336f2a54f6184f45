"""A file of people goes in over HTTP: uploaded by its form, checked, added; and nobody comes back who had left."""

import shutil
import subprocess
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.stack import Stack
from optout.access.credential import Credential, hash_key, new_key
from tests.flows.story import wait_for
from tools.stores import Stores

_numbers = count(1)


@dataclass
class Importer:
    """A workspace of its own, with a newsletter and keys."""

    http: httpx.Client
    stores: Stores
    workspace: str = field(default_factory=lambda: f"importers-{next(_numbers)}")

    def __post_init__(self) -> None:
        self.stores.subscribers.open_newsletter(self.workspace, "weekly")
        self.keys = {dialect: self._key(dialect) for dialect in ("native", "letterbucket", "repzo")}

    def _key(self, dialect: str) -> str:
        key = new_key("sk_", 32)
        permissions = frozenset({"api", "subscribers"})
        credential = Credential(hash_key(key), self.workspace, dialect, permissions=permissions, newsletter="weekly")
        self.stores.credentials.add(credential)
        return key

    def ask(self, method: str, path: str, dialect: str = "native", **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[dialect]}"}
        return self.http.request(method, path, headers=headers, **options)

    def create(self) -> dict[str, Any]:
        answer = self.ask("POST", "/optout/v1/imports", json={"newsletter": "weekly"})
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def step(self, number: str, what: str) -> dict[str, Any]:
        """Ask for the check or the start, and wait for its end; where the import stands then."""
        answer = self.ask("POST", f"/optout/v1/imports/{number}/{what}")
        assert answer.status_code == 202, answer.text
        wait_for("the file to be read", lambda: self.stand(number)["state"] not in ("checking", "adding"))
        return self.stand(number)

    def stand(self, number: str) -> dict[str, Any]:
        stand: dict[str, Any] = self.ask("GET", f"/optout/v1/imports/{number}").json()
        return stand

    def whole(self, content: bytes) -> dict[str, Any]:
        """Upload a file, have it checked, have it added."""
        created = self.create()
        assert upload(created["upload"], content).status_code == 204
        assert self.step(created["id"], "check")["state"] == "checked"
        return self.step(created["id"], "start")

    def members(self) -> dict[str, str]:
        """Address to status, as the dialect of subscribers shows them."""
        answer = self.ask("GET", "/subscribers?per_page=100", "letterbucket")
        assert answer.status_code == 200, answer.text
        return {one["email"]: one["status"] for one in answer.json()["data"]}


def upload(form: dict[str, Any], content: bytes, **fields: str) -> httpx.Response:
    data = {**form["fields"], **fields}
    return httpx.post(form["url"], data=data, files={"file": ("people.csv", content, "text/csv")}, trust_env=False)


@pytest.fixture
def importer(stack: Stack, http: httpx.Client) -> Importer:
    return Importer(http, Stores(stack))


def counts(progress: dict[str, Any]) -> dict[str, int]:
    return {name: progress[name] for name in ("rows", "new", "present", "rejected")}


def test_a_file_is_uploaded_checked_and_added(importer: Importer) -> None:
    created = importer.create()
    assert created["state"] == "waiting"
    content = b"Email;Name\r\nada@example.org;Ada\r\nbob@example.org;Bob\r\nADA@example.org;Again\r\n"
    assert upload(created["upload"], content).status_code == 204

    checked = importer.step(created["id"], "check")
    expected = {"rows": 3, "new": 2, "present": 1, "rejected": 0}
    assert (checked["state"], counts(checked["check"])) == ("checked", expected)
    assert importer.members() == {}

    finished = importer.step(created["id"], "start")
    assert (finished["state"], counts(finished["addition"])) == ("finished", expected)
    assert finished["addition"]["bytes_read"] == finished["bytes_total"] == len(content)
    assert finished["addition"]["rows_per_second"] > 0
    assert importer.members() == {"ada@example.org": "active", "bob@example.org": "active"}


def test_the_form_can_be_sent_by_curl(importer: Importer, tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl")
    created = importer.create()
    file = tmp_path / "people.csv"
    file.write_text("email\nada@example.org\n")
    fields = [word for name, value in created["upload"]["fields"].items() for word in ("-F", f"{name}={value}")]
    command = [curl, "-sS", "--noproxy", "*", "--fail", *fields, "-F", f"file=@{file}", created["upload"]["url"]]
    subprocess.run(command, check=True)
    assert importer.step(created["id"], "check")["check"]["new"] == 1


def test_the_form_takes_no_other_file_and_no_empty_one(importer: Importer) -> None:
    mine, other = importer.create(), importer.create()
    key = other["upload"]["fields"]["key"]
    assert upload(mine["upload"], b"email\nada@example.org", key=key).status_code == 403
    assert upload(mine["upload"], b"").status_code == 400
    assert upload(mine["upload"], b"email", acl="public-read").status_code == 403
    assert importer.ask("POST", f"/optout/v1/imports/{mine['id']}/check").json()["error"]["code"] == "not_uploaded"


def test_who_has_left_stays_unsubscribed(importer: Importer) -> None:
    importer.whole(b"email,name\nada@example.org,Ada\nbob@example.org,Bob")
    left = importer.ask("POST", "/mail-unsubscribe", "repzo", json={"email": "ada@example.org"})
    assert left.status_code == 201
    assert importer.ask("POST", "/mail-unsubscribe", "repzo", json={"email": "eve@example.org"}).status_code == 201
    created = importer.create()
    upload(created["upload"], b"email,name\nADA@example.org,Ada\nbob@example.org,Other\neve@example.org,Eve")
    checked = importer.step(created["id"], "check")
    assert (counts(checked["check"]), checked["check"]["left"]) == (
        {"rows": 3, "new": 1, "present": 2, "rejected": 0},
        2,
    )
    importer.step(created["id"], "start")
    assert importer.members() == {
        "ada@example.org": "unsubscribed",
        "bob@example.org": "active",
        "eve@example.org": "unsubscribed",
    }


BAD = [
    b"\xef\xbb\xbfid,email,name",
    b"1,good1@example.org,Good",
    b"2,latin@example.org,J\xf6rg",
    b'3,"broken@example.org,Quote',
    b'4,good2@example.org,"Good, ""again"""',
    b"5,long@example.org," + b"x" * 20_000,
    b"",
    b"6,formula@example.org,=cmd|' /C calc'!A0",
    b"7,not an address,N",
    b"8,nul@example.org,N\x00",
    b"9,,N",
    b"10,good3@example.org,Gut",
    b"11,wide@example.org,W,x",
]


def test_bad_rows_are_listed_and_good_ones_go_in(importer: Importer) -> None:
    finished = importer.whole(b"\n".join(BAD))
    assert counts(finished["addition"]) == {"rows": 11, "new": 3, "present": 0, "rejected": 8}
    rejected = importer.ask("GET", f"/optout/v1/imports/{finished['id']}/rejected").json()
    assert [(row["line"], row["reason"]) for row in rejected["rejected"]] == [
        (3, "not_utf8"),
        (4, "broken_quote"),
        (6, "too_long"),
        (8, "formula"),
        (9, "bad_email"),
        (10, "bad_name"),
        (11, "no_email"),
        (13, "too_many_columns"),
    ]
    assert importer.members().keys() == {f"good{at}@example.org" for at in (1, 2, 3)}


def test_a_file_with_a_wrong_header_adds_nobody(importer: Importer) -> None:
    created = importer.create()
    upload(created["upload"], b"contact,name\nada@example.org,Ada\n")
    failed = importer.step(created["id"], "check")
    assert (failed["state"], failed["problem"]["code"]) == ("failed", "no_email_column")
    assert importer.ask("POST", f"/optout/v1/imports/{created['id']}/start").status_code == 409
    assert importer.members() == {}


def test_another_workspace_finds_nothing(importer: Importer) -> None:
    created, rival = importer.create(), Importer(importer.http, importer.stores)
    for method, what in (("GET", ""), ("GET", "/rejected"), ("POST", "/check"), ("POST", "/start")):
        assert rival.ask(method, f"/optout/v1/imports/{created['id']}{what}").status_code == 404
