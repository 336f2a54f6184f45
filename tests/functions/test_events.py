"""Every file in events/ does what it is there for, as it is."""

import pytest

from tests.functions import examples
from tests.functions.aws import AWS
from tests.functions.calls import call, invoke, load
from tests.template.loading import functions, module_of

ENDPOINTS = {
    "repzo.check": 200,
    "repzo.create": 201,
    "repzo.get": 200,
    "repzo.list": 200,
    "repzo.delete": 200,
    "repzo.remove": 200,
    "letterbucket.create": 201,
    "letterbucket.bulk": 201,
    "letterbucket.list": 200,
    "letterbucket.get": 200,
    "letterbucket.update": 200,
    "letterbucket.unsubscribe": 200,
    "mirasvit.create": 200,
    "mirasvit.get": 200,
    "mirasvit.list": 200,
    "mirasvit.delete": 200,
    "mirasvit.token": 200,
    "mirasvit.websites": 200,
    "rocketchat.send": 200,
    "rocketchat.unsubscribe": 200,
    "rocketchat.login": 200,
    "rocketchat.logout": 200,
    "native.check": 200,
    "native.history": 200,
    "native.explain": 200,
    "native.confirmations": 200,
    "native.import_create": 201,
    "native.import_check": 202,
    "native.import_start": 202,
    "native.import_get": 200,
    "native.import_rejected": 200,
    "native.campaign_create": 201,
    "native.campaign_preview": 200,
    "native.campaign_list": 200,
    "native.campaign_get": 200,
    "native.campaign_pause": 200,
    "native.campaign_resume": 200,
    "native.campaign_cancel": 200,
    "native.campaign_test": 201,
    "native.campaign_deliveries": 200,
    "links.page": 200,
    "links.one_click": 200,
    "links.mailer_page": 200,
    "links.mailer_one_click": 200,
    "links.confirm_page": 200,
    "links.confirm": 200,
    "gateway.not_found": 404,
    "gateway.openapi": 200,
    "gateway.docs": 200,
}
# Their tests are in files of their own.
JOBS = {
    "jobs.expand",
    "jobs.deliver",
    "jobs.confirm",
    "jobs.sweep",
    "jobs.reconcile",
    "jobs.import_file",
    "feedback.ses",
    "feedback.sent",
}


def test_every_function_is_in_this_table() -> None:
    assert {module_of(function["Handler"]) for function in functions().values()} == {*ENDPOINTS, *JOBS}


@pytest.mark.parametrize(("function", "status"), ENDPOINTS.items())
def test_the_event_of_an_endpoint_succeeds(function: str, status: int) -> None:
    assert call(function).status == status


@pytest.mark.parametrize("function", ["feedback.ses", "feedback.sent"])
def test_the_feedback_event_succeeds(function: str) -> None:
    assert invoke(function, load(function)) == {"batchItemFailures": []}


def test_the_example_token_is_the_one_in_the_link_events() -> None:
    assert load("links.page")["pathParameters"]["token"] == examples.token()


@pytest.mark.parametrize("function", ["repzo.check", "repzo.get", "letterbucket.get", "mirasvit.get", "links.page"])
@pytest.mark.usefixtures("nothing_stored")
def test_asking_changes_nothing(function: str) -> None:
    call(function)


@pytest.mark.parametrize("function", ["repzo.create", "letterbucket.create", "mirasvit.create", "rocketchat.send"])
def test_creating_stores_something(function: str, aws: AWS) -> None:
    before = aws.contents()
    call(function)
    assert aws.contents() != before
