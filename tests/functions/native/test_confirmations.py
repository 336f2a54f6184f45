"""When and how somebody said yes: told whole, by any spelling of the number, and to their own workspace only."""

import pytest

from optout import number
from optout.messages.link_token import ConfirmationLink, mark, mint_confirmation
from optout.wiring.clients import keyed_hash
from tests.support.handlers import examples
from tests.support.handlers.calls import call
from tests.support.handlers.refusals import ANYTHING

ADA = examples.SUBSCRIBER
NOTHING: dict[str, object] = {
    "id": str(ADA),
    "newsletter": "weekly",
    "email": "ada@reader.example",
    "confirmations": [],
    "after": None,
}


def test_who_was_never_asked_has_no_confirmation() -> None:
    assert call("native.subscribers.confirmations").json == NOTHING


def test_a_yes_is_told_with_when_and_how() -> None:
    call("letterbucket.update", json_body={"status": "pending"})
    hashed = mark(keyed_hash()(examples.ADA.key_form))
    said = ConfirmationLink("acme", "weekly", ADA, examples.REQUESTED_AT, hashed)
    call("links.confirm", path_id=mint_confirmation({1: examples.LINK_KEY.encode()}, said))
    (yes,) = call("native.subscribers.confirmations").json["confirmations"]
    assert yes.pop("confirmed_at").endswith("Z")
    assert len(yes.pop("ip_hash")) == 32
    assert yes == {
        "email": "ada@reader.example",
        "requested_at": "2100-01-01T00:00:00.000Z",
        "via": "link",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    }


@pytest.mark.parametrize("spelled", [str(ADA), number.to_uuid(ADA), number.to_object_id(ADA)])
def test_every_spelling_of_the_number_finds_the_subscriber(spelled: str) -> None:
    assert call("native.subscribers.confirmations", path_id=spelled).json == NOTHING


@pytest.mark.parametrize("unknown", ["1", "0", str(2**53), number.to_uuid(7)])
def test_nobody_has_no_confirmations(unknown: str) -> None:
    assert call("native.subscribers.confirmations", path_id=unknown).status == 404


@pytest.mark.parametrize("odd", ANYTHING)
def test_what_is_no_id_is_refused(odd: str) -> None:
    assert call("native.subscribers.confirmations", path_id=odd).status in (400, 404)


def test_another_workspace_sees_nobody() -> None:
    assert call("native.subscribers.confirmations", credentials=examples.OTHER_NATIVE).status == 404
