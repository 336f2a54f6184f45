"""Rules that stock linters do not check: queues lose no message, tables are retained, logs expire."""

import json
import re
from typing import Any

import pytest

from optout.feedback.record import SECONDS_OF_OURS
from tests.support.template import FUNCTIONS, LAYER, resources, template
from tests.template.conftest import Transformed

FORTNIGHT = 14 * 24 * 3600
QUEUES = resources("AWS::SQS::Queue")
DEAD = {name for name in QUEUES if name.endswith("DeadLetters")}
TABLES = {name: made for name, made in template()["Resources"].items() if made["Type"] == "AWS::DynamoDB::Table"}
ALARMS = resources("AWS::CloudWatch::Alarm")
# Metrics without an alarm: they count what is normal, or what another alarm tells.
GRAPHS = set(
    """MessageSent MessageSuppressed MessageReconciled MessageSentAgain CampaignFinished CampaignParked
    CampaignNotVisited BlockInDoubt BlockReconciled BlockWaiting ProviderThrottled RequestThrottled FeedbackAboutTheFeed
    ImportFailed ImportFinished RowRejected SubscriberImported""".split()
)
SECRETS = {
    name: made for name, made in template()["Resources"].items() if made["Type"] == "AWS::SecretsManager::Secret"
}


def sources(transformed: Transformed) -> list[tuple[str, str, dict[str, Any]]]:
    """Queue, function and properties of each event source."""
    made = transformed.of("AWS::Lambda::EventSourceMapping").values()
    return [(source["EventSourceArn"]["Fn::GetAtt"][0], source["FunctionName"]["Ref"], source) for source in made]


def test_every_living_queue_is_read(transformed: Transformed) -> None:
    assert {queue for queue, _, _ in sources(transformed)} == QUEUES.keys() - DEAD


def test_every_queue_s_reader_reports_what_failed_and_skips_nothing(transformed: Transformed) -> None:
    for _, _, source in sources(transformed):
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "FilterCriteria" not in source


def test_a_message_stays_hidden_for_six_times_as_long_as_its_function_may_run(transformed: Transformed) -> None:
    made = transformed.of("AWS::Lambda::Function")
    for queue, function, source in sources(transformed):
        window = source.get("MaximumBatchingWindowInSeconds", 0)
        assert QUEUES[queue]["VisibilityTimeout"] >= 6 * made[function]["Timeout"] + window


def test_half_of_the_time_of_feedback_is_there_for_emails_that_are_not_ours(transformed: Transformed) -> None:
    assert transformed.of("AWS::Lambda::Function")["FeedbackBounces"]["Timeout"] >= 2 * SECONDS_OF_OURS


def test_a_worker_s_concurrency_is_bounded_where_it_sends(transformed: Transformed) -> None:
    (scaling,) = (source["ScalingConfig"] for _, name, source in sources(transformed) if name == "JobsDeliver")
    assert scaling == {"MaximumConcurrency": {"Ref": "DeliverConcurrency"}}


@pytest.mark.parametrize("name", sorted(QUEUES.keys() - DEAD))
def test_a_queue_gives_up_after_five_tries_at_the_earliest(name: str) -> None:
    redrive = QUEUES[name]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] >= 5
    assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in DEAD


@pytest.mark.parametrize("name", sorted(DEAD))
def test_dead_letters_are_kept_for_a_fortnight_and_somebody_is_told(name: str) -> None:
    assert QUEUES[name]["MessageRetentionPeriod"] == FORTNIGHT
    alarmed = [json.dumps(alarm.get("Dimensions")) for alarm in ALARMS.values()]
    assert any(f'"{name}"' in dimensions for dimensions in alarmed)


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_every_queue_is_encrypted(name: str) -> None:
    assert QUEUES[name]["SqsManagedSseEnabled"] is True


def test_only_our_topic_may_write_to_the_feedback_queue() -> None:
    policy = resources("AWS::SQS::QueuePolicy")["FeedbackQueuePolicy"]
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "FeedbackTopic"}}}


def test_only_our_configuration_set_may_publish_feedback() -> None:
    (policy,) = resources("AWS::SNS::TopicPolicy").values()
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Condition"]["StringEquals"].keys() == {"aws:SourceAccount", "aws:SourceArn"}


def test_what_has_stopped_and_what_is_in_doubt_is_looked_at_on_a_schedule(transformed: Transformed) -> None:
    rules = transformed.of("AWS::Events::Rule").values()
    schedules = {rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]: rule["ScheduleExpression"] for rule in rules}
    assert schedules == {"JobsSweep": "rate(1 minute)", "JobsReconcile": "rate(5 minutes)"}


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_every_alarm_tells_somebody_and_does_not_ring_because_nothing_happens(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == [{"Ref": "Alerts"}]
    assert ALARMS[name]["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("name", sorted(name for name, alarm in ALARMS.items() if alarm["Namespace"] == "optout"))
def test_an_alarm_on_a_metric_of_ours_rings_for_its_own_stack(name: str, transformed: Transformed) -> None:
    assert ALARMS[name]["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}]
    for made in transformed.of("AWS::Lambda::Function").values():
        assert made["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}


@pytest.mark.parametrize("name", sorted(QUEUES.keys() - DEAD))
def test_somebody_is_told_of_a_message_that_waits_for_an_hour(name: str) -> None:
    waiting = {"Name": "QueueName", "Value": {"Fn::GetAtt": [name, "QueueName"]}}
    (alarm,) = (
        alarm
        for alarm in ALARMS.values()
        if alarm["MetricName"] == "ApproximateAgeOfOldestMessage" and alarm["Dimensions"] == [waiting]
    )
    assert alarm["Threshold"] == 3600


def test_alerts_go_to_the_address_that_the_operator_names(transformed: Transformed) -> None:
    subscription = transformed.resources["AlertsSubscription"]
    assert subscription["Condition"] == "HasAlertEmail"
    assert subscription["Properties"]["Endpoint"] == {"Ref": "AlertEmail"}


def test_feedback_that_cannot_be_queued_is_kept() -> None:
    subscription = resources("AWS::SNS::Subscription")["FeedbackSubscription"]
    assert subscription["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in DEAD
    assert "FilterPolicy" not in subscription


def test_bounces_and_complaints_are_published_apart_from_what_every_mail_has() -> None:
    published = {
        next(name for name in destination["EventDestination"] if name.endswith("Destination")): destination
        for destination in resources("AWS::SES::ConfigurationSetEventDestination").values()
    }
    kinds = {name: set(one["EventDestination"]["MatchingEventTypes"]) for name, one in published.items()}
    assert kinds["SnsDestination"] == {"bounce", "complaint", "reject", "renderingFailure"}
    assert kinds["KinesisFirehoseDestination"] == {"send", "delivery"}
    assert not kinds["SnsDestination"] & kinds["KinesisFirehoseDestination"]
    assert all(one["EventDestination"]["Enabled"] is True for one in published.values())


@pytest.mark.parametrize("name", sorted(TABLES.keys() - {"LimitsTable"}))
def test_a_table_can_be_restored_and_is_not_dropped_by_mistake(name: str) -> None:
    table = TABLES[name]
    properties = table["Properties"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert "SSESpecification" not in properties  # encrypted all the same; with it, each use of a key is paid for
    assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_counts_end_by_themselves_and_are_not_worth_a_backup() -> None:
    table = TABLES["LimitsTable"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Delete"
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert not table["Properties"].keys() & {"PointInTimeRecoverySpecification", "DeletionProtectionEnabled"}


def test_nothing_of_the_list_expires() -> None:
    assert "TimeToLiveSpecification" not in TABLES["SuppressionsTable"]["Properties"]


def test_the_check_has_its_index() -> None:
    indexes = TABLES["SuppressionsTable"]["Properties"]["GlobalSecondaryIndexes"]
    (index,) = (index for index in indexes if index["IndexName"] == "email-index")
    assert index["Projection"] == {"ProjectionType": "ALL"}


def test_no_table_has_a_secret_or_a_person_for_a_key() -> None:
    for table in TABLES.values():
        keys = {attribute["AttributeName"] for attribute in table["Properties"]["AttributeDefinitions"]}
        assert not keys & {"email", "address", "name", "ip", "token", "secret", "password", "api_key"}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_kept_when_the_stack_goes(name: str) -> None:
    assert SECRETS[name]["DeletionPolicy"] == SECRETS[name]["UpdateReplacePolicy"] == "Retain"


def test_every_log_ends_some_day_and_every_function_writes_to_one(transformed: Transformed) -> None:
    assert all(group["RetentionInDays"] for group in resources("AWS::Logs::LogGroup").values())
    for made in transformed.of("AWS::Lambda::Function").values():
        level = {"Ref": "LogLevel"}
        assert made["LoggingConfig"] == {"LogFormat": "JSON", "ApplicationLogLevel": level, "LogGroup": {"Ref": "Logs"}}


def test_no_log_level_drops_the_metrics_which_are_log_lines() -> None:
    assert template()["Parameters"]["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO"]


def test_a_log_of_api_gateway_needs_no_line_in_the_policy_of_the_account() -> None:
    (api,) = resources("AWS::Serverless::HttpApi").values()
    group = api["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"][0]
    assert resources("AWS::Logs::LogGroup")[group]["LogGroupName"]["Fn::Sub"].startswith("/aws/vendedlogs/")


def test_the_stage_is_throttled() -> None:
    (api,) = resources("AWS::Serverless::HttpApi").values()
    settings = api["DefaultRouteSettings"]
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_clicks_have_a_share_of_their_own_that_no_client_can_take(method: str) -> None:
    (api,) = resources("AWS::Serverless::HttpApi").values()
    clicks, others = api["RouteSettings"][f"{method} /u/{{token}}"], api["DefaultRouteSettings"]
    assert clicks["ThrottlingRateLimit"] >= 4 * others["ThrottlingRateLimit"]
    assert clicks["ThrottlingBurstLimit"] >= 4 * others["ThrottlingBurstLimit"]


def test_a_route_that_api_gateway_refuses_stops_the_deployment() -> None:
    (api,) = resources("AWS::Serverless::HttpApi").values()
    assert api["FailOnWarnings"] is True


def test_the_access_log_shows_no_path_no_query_and_nobody() -> None:
    (api,) = resources("AWS::Serverless::HttpApi").values()
    # API Gateway quotes this one variable itself.
    text = api["AccessLogSettings"]["Format"].replace(
        ":$context.error.messageString", ':"$context.error.messageString"'
    )
    shown = json.loads(text)
    for value in shown.values():
        assert value.startswith("$context.")
        assert not any(word in value.lower() for word in ("path", "query", "body", "identity", "ip", "agent", "header"))


def test_every_function_runs_the_same_python_as_the_layer_is_built_for(transformed: Transformed) -> None:
    layer = template()["Resources"]["DepsLayer"]
    for made in transformed.of("AWS::Lambda::Function").values():
        assert made["Runtime"] == layer["Metadata"]["BuildMethod"] == "python3.13"
        assert len(made["Layers"]) == 2


def test_sam_builds_the_packages_and_leaves_ours_as_it_is() -> None:
    """Built by SAM, our layer would be python/python, and imports would fail only on AWS."""
    assert "Metadata" not in template()["Resources"]["CoreLayer"]
    assert template()["Resources"]["CoreLayer"]["Properties"]["ContentUri"] == "layers/core/"
    assert template()["Resources"]["DepsLayer"]["Metadata"]["BuildMethod"]


def test_every_endpoint_answers_before_the_gateway_gives_up(transformed: Transformed) -> None:
    permissions = transformed.of("AWS::Lambda::Permission").values()
    called = {one["FunctionName"]["Ref"] for one in permissions if one["Principal"] == "apigateway.amazonaws.com"}
    for name in called:
        assert transformed.of("AWS::Lambda::Function")[name]["Timeout"] < 30


SOURCE = "".join(path.read_text() for top in (FUNCTIONS, LAYER) for path in top.rglob("*.py"))
WATCHED = {alarm["MetricName"] for alarm in ALARMS.values() if alarm["Namespace"] == "optout"}


def test_every_alarm_on_a_metric_of_ours_watches_one_that_a_function_emits() -> None:
    assert {metric for metric in WATCHED if not re.search(rf"\b{metric}\b", SOURCE)} == set()


def test_every_metric_has_an_alarm_or_is_for_a_graph() -> None:
    calls = re.findall(r"\bcount\(((?:[^()]|\([^()]*\))*)\)", SOURCE)
    emitted = {name for call in calls for name in re.findall(r"\b([A-Z]\w+)=", call)}
    emitted |= set(re.findall(r'add_metric\(name="(\w+)"', SOURCE))
    assert emitted - WATCHED == GRAPHS
