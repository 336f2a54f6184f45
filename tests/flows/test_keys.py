"""`./dev key`: two keys for rotation, a list that shows none of them, and the end of one."""

import json

import httpx
import pytest

from local.stack import Stack
from optout.subscribers.subscriber import Newsletter
from tests.flows.story import Story
from tools.keys.__main__ import main
from tools.stores import Stores


@pytest.fixture(autouse=True)
def _here(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": stack.engine_url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)


def key(words: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the command prints when it succeeds."""
    assert main(words.split()) == 0
    return capsys.readouterr().out.splitlines()


def rows(capsys: pytest.CaptureFixture[str], workspace: str) -> list[list[str]]:
    return [line.split() for line in key(f"list --workspace {workspace}", capsys)[2:]]


def ask(story: Story, secret: str) -> httpx.Response:
    return story.http.get("/subscribers", headers={"Authorization": f"Bearer {secret}"})


def test_two_keys_of_one_newsletter_work_until_one_is_ended(
    story: Story, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    making = "letterbucket --workspace hooli --newsletter weekly"
    old, new = (key(making, capsys)[0].removeprefix("key: ") for _ in range(2))
    assert [ask(story, secret).status_code for secret in (old, new)] == [200, 200]
    listed = rows(capsys, "hooli")
    assert [(row[1:4], row[-1]) for row in listed] == [(["hooli", "letterbucket", "weekly"], "active")] * 2
    first = next(row[0] for row in listed if Stores(stack).credentials.find(old).id == row[0])  # type: ignore[union-attr]
    assert "has been revoked" in key(f"revoke {first}", capsys)[0]
    assert Stores(stack).credentials.find(old) is None
    assert Stores(stack).credentials.find(new) is not None
    assert ask(story, new).status_code == 200
    assert sorted(row[9] for row in rows(capsys, "hooli")) == ["active", "revoked"]
    assert "was already revoked" in key(f"revoke {first}", capsys)[0]


def test_a_key_that_was_ended_before_anybody_asked_opens_nothing(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = key("letterbucket --workspace ended --newsletter weekly", capsys)[0].removeprefix("key: ")
    ((wanted, *_),) = rows(capsys, "ended")
    key(f"revoke {wanted}", capsys)
    assert (ask(story, secret).status_code, ask(story, secret).json()["code"]) == (401, "unauthorized")


def test_no_list_shows_a_key_or_a_whole_hash(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    secret = key("repzo --workspace umbrella", capsys)[0].removeprefix("key: ")
    found = Stores(stack).credentials.find(secret)
    assert found
    text = "\n".join(key("list", capsys))
    assert found.id in text
    assert secret not in text
    assert found.key_hash[:13] not in text
    assert {"umbrella", "acme", "globex"} <= set(text.split())


def test_users_are_listed_with_their_rights_and_their_end(capsys: pytest.CaptureFixture[str]) -> None:
    making = "rocketchat --workspace pied-piper --newsletter weekly --sender @example.com --user"
    names = ["listed-ada", "listed-eve"]
    password = key(f"{making} listed-ada", capsys)[1].removeprefix("password: ")
    key(f"{making} listed-eve", capsys)
    key("revoke --user listed-ada --dialect rocketchat", capsys)
    lines = key("list --workspace pied-piper", capsys)
    assert [line.split()[:6] for line in lines if line.split()[:1] in (["listed-ada"], ["listed-eve"])] == [
        [name, "pied-piper", "rocketchat", "weekly", "send-mail,", "@example.com"]
        for name in ("listed-ada", "listed-eve")
    ]
    assert [line.split()[9] for line in lines if " pied-piper " in line] == ["revoked", "active"]
    text = "\n".join(key("list --workspace pied-piper --json", capsys))
    assert password not in text
    listed = json.loads(text)
    assert (listed["keys"], [user["user"] for user in listed["users"]]) == ([], names)
    assert [bool(user["revoked"]) for user in listed["users"]] == [True, False]
    assert (listed["users"][1]["permissions"], listed["users"][1]["senders"]) == (["send-mail"], ["@example.com"])


def test_nobody_has_no_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys, "nobody") == []


def test_an_id_of_nobody_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["revoke", "0123456789ab"]) == 1
    assert "There is no key with the id 0123456789ab" in capsys.readouterr().err


BAD = [
    "",
    "revoke",
    "revoke 0123456789",
    "revoke 0123456789AB",
    "revoke 0123456789ab0",
    "list --workspace Acme",
    "letterbucket --workspace initech",
    "letterbucket --workspace initech --newsletter weekly --sender @example.com",
    "letterbucket --workspace initech --newsletter weekly --sender a@example.com --sender b@example.com",
    "letterbucket --workspace initech --newsletter weekly --title \t",
    "repzo --workspace initech --title Weekly",
]


@pytest.mark.parametrize("words", BAD)
def test_what_the_command_does_not_understand_does_nothing(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([word for word in words.split(" ") if word])
    assert stopped.value.code == 2
    assert capsys.readouterr().out == ""


def test_a_key_may_say_whom_the_newsletter_s_own_mails_come_from(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    making = "letterbucket --workspace initrode --newsletter weekly"
    key(f"{making} --sender News@Example.com --title Weekly", capsys)
    key(making, capsys)
    found = Stores(stack).subscribers.newsletter("initrode", "weekly")
    assert found == Newsletter("initrode", "weekly", "news@example.com", "Weekly")
