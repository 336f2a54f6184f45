"""What happens to a campaign on the deployed stack when an answer is lost, a queue is purged, or somebody steps in."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.stack import Stack
from optout import clock
from optout.aws.delivery.event_store import DynamoDBEventStore
from optout.aws.queue import SQSQueue
from optout.campaigns.campaign import State
from optout.delivery.reconcile import Reconciliation, Timeouts
from tests.flows.story import BODY, Story, wait_for


@pytest.fixture
def lost_answer(stack: Stack) -> Iterator[None]:
    """The next call of SES is accepted, and its answer is lost."""
    plan = {"calls": [{"fault": "error_after", "on": [1]}]}
    httpx.put(f"{stack.ses_url}/_local/faults", json=plan, trust_env=False).raise_for_status()
    yield
    httpx.delete(f"{stack.ses_url}/_local/faults", trust_env=False)


def mail(story: Story) -> int:
    """Send to everybody, without waiting for the end."""
    mailing = {"from": story.credentials["from"], "subject": "News", "body": BODY}
    answer = story.rocketchat("/api/v1/mailer", json=mailing)
    assert answer.status_code == 200, answer.text
    return int(answer.headers["X-Campaign-Id"])


@pytest.mark.usefixtures("lost_answer")
def test_a_lost_answer_is_settled_by_the_provider_s_own_events_and_nobody_is_mailed_twice(story: Story) -> None:
    story.subscribe()
    campaign, campaigns = mail(story), story.stores.campaigns
    wait_for("the block in doubt", lambda: bool(campaigns.doubts(campaign)))
    chunk = campaigns.doubts(campaign)[0].chunk

    def everybody_seen() -> bool:
        return all(
            row.is_settled or len(row.proven) == len(row.block.positions) for row in campaigns.rows(campaign, chunk)
        )

    wait_for("the events", everybody_seen)
    stack = story.stack
    in_bucket = {"Bucket": stack.resources["SentBucket"]}
    wait_for("their file to be gone", lambda: "Contents" not in stack.client("s3").list_objects_v2(**in_bucket))
    event_store = DynamoDBEventStore(stack.client("dynamodb"), stack.resources["CampaignsTable"])
    queue = SQSQueue(lambda: stack.client("sqs"), stack.resources["DeliverQueue"])
    Reconciliation(campaigns, event_store, queue, Timeouts(worker=0)).reconcile(clock.now() + 1)
    wait_for("the campaign to finish", lambda: story.campaign(campaign).state is State.FINISHED)
    assert len(story.mails(campaign)) == 1
    counters = story.campaign(campaign).counters
    assert counters["sent"] + counters.get("skipped", 0) == counters["audience"]


@pytest.mark.parametrize("job", ["JobsSweep", "JobsReconcile"])
def test_a_scheduled_job_runs_with_the_rights_that_it_has(job: str, stack: Stack) -> None:
    answer = stack.client("lambda").invoke(FunctionName=stack.resources[job], Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


@pytest.mark.parametrize("job", ["JobsSweep", "JobsReconcile"])
def test_a_scheduled_job_is_on_a_schedule(job: str, stack: Stack) -> None:
    events: Any = stack.client("events")
    rules = [rule for rule in events.list_rules()["Rules"] if job in rule["Name"]]
    assert [rule["State"] for rule in rules] == ["ENABLED"]
    (target,) = events.list_targets_by_rule(Rule=rules[0]["Name"])["Targets"]
    assert target["Arn"].endswith(stack.resources[job])
