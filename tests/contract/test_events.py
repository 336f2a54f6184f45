"""Every file in events/ does what it is there for, as it is."""

import pytest

from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import ENDPOINTS, call, invoke, load
from tests.support.template import functions, module_of

# Their tests are in files of their own.
JOBS = {
    "jobs.expand",
    "jobs.deliver",
    "jobs.send_confirmation",
    "jobs.sweep",
    "jobs.reconcile",
    "jobs.import_file",
    "feedback.bounces",
    "feedback.sent_events",
}


def test_every_function_is_in_this_table() -> None:
    assert {module_of(function["Handler"]) for function in functions().values()} == {*ENDPOINTS, *JOBS}


@pytest.mark.parametrize(("function", "status"), ENDPOINTS.items())
def test_the_event_of_an_endpoint_succeeds(function: str, status: int) -> None:
    assert call(function).status == status


@pytest.mark.parametrize("function", ["feedback.bounces", "feedback.sent_events"])
def test_the_feedback_event_succeeds(function: str) -> None:
    assert invoke(function, load(function)) == {"batchItemFailures": []}


def test_the_example_token_is_the_one_in_the_link_events() -> None:
    assert load("links.unsubscribe_page")["pathParameters"]["token"] == examples.token()


@pytest.mark.parametrize(
    "function", ["repzo.check", "repzo.get", "letterbucket.get", "mirasvit.get", "links.unsubscribe_page"]
)
@pytest.mark.usefixtures("nothing_stored")
def test_asking_changes_nothing(function: str) -> None:
    call(function)


@pytest.mark.parametrize("function", ["repzo.create", "letterbucket.create", "mirasvit.create", "rocketchat.send"])
def test_creating_stores_something(function: str, aws: AWS) -> None:
    before = aws.contents()
    call(function)
    assert aws.contents() != before
