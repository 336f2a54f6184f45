"""One list behind four dialects: who leaves by one has left for all, once, and in no other workspace."""

import pytest

from optout.address import Address
from tests.contract.descriptions import DIALECTS, Described
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, invoke, load

ADA = "ada@reader.example"
OTHERS = [(one, other) for one in DIALECTS for other in DIALECTS]
# LetterBucket's own opt-out is about one newsletter, and Mirasvit has no word for that.
INVISIBLE = {("letterbucket", "mirasvit")}


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Described:
    described: Described = request.param
    return described


@pytest.fixture(autouse=True)
def same_person_in_the_other_workspace(aws: AWS) -> None:
    examples.add_subscriber(
        examples.OTHER_SUBSCRIBER + 1, Address.parse(ADA), "Ada", examples.OTHER_WORKSPACE, examples.NEWSLETTER
    )


@pytest.mark.parametrize(("one", "other"), OTHERS, ids=lambda dialect: dialect.name)
def test_who_leaves_by_one_dialect_has_left_for_the_other(one: Described, other: Described) -> None:
    own = examples.CREDENTIALS[other.name]
    assert not other.shows(ADA, own)
    assert one.leave(ADA).status in (200, 201)
    assert other.shows(ADA, own) is ((one.name, other.name) not in INVISIBLE)


@pytest.mark.parametrize("spelling", ["ADA@reader.example", "Ada@READER.Example"])
def test_letter_case_makes_nobody_another_person(dialect: Described, spelling: str) -> None:
    call("repzo.create", json_body={"email": spelling})
    assert dialect.shows(ADA, examples.CREDENTIALS[dialect.name])


def test_a_click_in_a_mail_is_seen_by_all(dialect: Described) -> None:
    call("links.one_click")
    assert dialect.shows(ADA, examples.CREDENTIALS[dialect.name])


@pytest.mark.parametrize("event", ["feedback.bounces", "feedback.complaint"])
def test_a_bounce_and_a_complaint_are_seen_by_all(dialect: Described, event: str) -> None:
    invoke("feedback.bounces", load(event))
    assert dialect.shows(ADA, examples.CREDENTIALS[dialect.name])


@pytest.mark.parametrize(("one", "other"), OTHERS, ids=lambda dialect: dialect.name)
def test_another_workspace_sees_nothing(one: Described, other: Described) -> None:
    one.leave(ADA)
    assert not other.shows(ADA, examples.OTHER_CREDENTIALS[other.name])


def test_twice_is_once(dialect: Described, aws: AWS) -> None:
    first = dialect.leave(ADA)
    suppressions = in_force(aws)
    second = dialect.leave(ADA)
    assert second.status == first.status
    assert in_force(aws) == suppressions
    assert dialect.shows(ADA, examples.CREDENTIALS[dialect.name])


def in_force(aws: AWS) -> list[object]:
    """Per address and scope: the record, and the reasons with their first dates."""
    return [
        (scope, entry["M"]["number"], {name: times["L"][0] for name, times in entry["M"]["reasons"]["M"].items()})
        for item in aws.items("SuppressionsTable")
        if item["sk"] == {"S": "state"}
        for scope, entry in item["in_force"]["M"].items()
    ]


@pytest.mark.usefixtures("nothing_stored")
def test_a_key_of_another_workspace_reads_nothing_of_this_one(dialect: Described) -> None:
    answer = call(dialect.reader, credentials=examples.OTHER_CREDENTIALS[dialect.name])
    assert answer.status == (200 if dialect.name == "rocketchat" else 404)  # Rocket.Chat tells nobody


@pytest.mark.parametrize("method", ["GET", "PATCH", "TRACE"])
def test_default_answers_in_the_dialect_s_own_voice(dialect: Described, method: str) -> None:
    event = load("gateway.not_found")
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"{dialect.base}/no/such/path"
    event["requestContext"]["http"]["method"] = method
    answer = call("gateway.not_found", event)
    assert answer.status == 404
    assert dialect.body_is_valid(answer.json)
    assert answer.headers["content-type"] == dialect.module.content_type


def test_every_answer_of_a_dialect_has_its_content_type(dialect: Described) -> None:
    for credentials in (examples.CREDENTIALS[dialect.name], {}):
        assert call(dialect.reader, credentials=credentials).headers["content-type"] == dialect.module.content_type
