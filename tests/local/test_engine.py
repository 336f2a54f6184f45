"""The sample stack behaves as on AWS, where the engine needs corrections for that."""

import time
from typing import Any

import httpx

from local.stack import Stack
from tests.local.conftest import USERS_SETTINGS
from tests.support.patience import PATIENCE


def echo(http: httpx.Client) -> dict[str, Any]:
    answer: dict[str, Any] = http.get("/echo/word").json()
    return answer


def test_nothing_of_the_users_aws_settings_reaches_a_handler(http: httpx.Client) -> None:
    environment = echo(http)["environment"]
    for name, value in USERS_SETTINGS.items():
        assert environment.get(name) != value


def test_a_handler_runs_with_what_the_lambda_runtime_has(http: httpx.Client) -> None:
    answer = echo(http)
    assert answer["python"].endswith(".local/handler/bin/python")
    assert not [path for path in answer["path"] if "/engine/lib" in path or path.endswith("/local")]


def test_the_functions_code_comes_before_its_layers_and_these_before_the_runtime(http: httpx.Client) -> None:
    path: list[str] = echo(http)["path"]
    code = next(index for index, entry in enumerate(path) if entry.endswith("/code"))
    layers = [index for index, entry in enumerate(path) if entry.endswith(("/layer_1/python", ".local/layer/python"))]
    assert len(layers) == 2
    runtime = next(index for index, entry in enumerate(path) if ".local/handler" in entry)
    assert code < min(layers)
    assert max(layers) < runtime


def test_a_function_may_do_only_what_its_role_allows(http: httpx.Client) -> None:
    assert http.post("/forbidden").text == "AccessDeniedException"


def test_ref_of_a_secret_is_its_arn(sample: Stack) -> None:
    assert sample.resources["LinkKeys"].startswith("arn:aws:secretsmanager:")


def test_a_letter_goes_through_queue_and_function_into_the_table(sample: Stack, http: httpx.Client) -> None:
    assert http.post("/letters", json={"pk": "letter-1", "email": "a@example.com"}).status_code == 202
    table = sample.client("dynamodb")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        key = {"pk": {"S": "letter-1"}}
        if "Item" in table.get_item(TableName=sample.resources["LettersTable"], Key=key, ConsistentRead=True):
            return
        time.sleep(0.1)
    raise AssertionError(f"the letter was not stored; the function's log: {sample.logs_tail('LettersStore')}")


def test_each_route_reaches_its_own_function(http: httpx.Client) -> None:
    assert http.get("/echo/word").json()["event"]["routeKey"] == "GET /echo/{word}"
    assert http.post("/echo/word").json()["event"]["routeKey"] == "POST /echo/{word}"
    assert http.post("/files/a/b").json()["event"]["pathParameters"] == {"path": "a/b"}
    assert http.put("/nowhere").json()["event"]["routeKey"] == "$default"


def test_the_handler_sees_the_address_that_the_client_called(sample: Stack, http: httpx.Client) -> None:
    answer = echo(http)
    assert f"http://{answer['event']['headers']['host']}" == sample.url
    assert answer["environment"]["PUBLIC_URL"] == sample.url


def test_a_route_without_a_function_behind_it_is_noticed(sample: Stack) -> None:
    assert [route.key for route in sample.routes if not route.function] == []
    assert len(sample.routes) == 6


def test_a_query_by_prefix_finds_the_items_of_the_prefix_in_order_and_goes_on_after_a_key(sample: Stack) -> None:
    client: Any = sample.client("dynamodb")
    names = {"pk": "HASH", "sk": "RANGE"}
    client.create_table(
        TableName="prefixes",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in names.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        BillingMode="PAY_PER_REQUEST",
    )
    for sk in ("open#2", "block#1", "open#10", "open#1", "opened", "zebra"):
        client.put_item(TableName="prefixes", Item={"pk": {"S": "one"}, "sk": {"S": sk}})

    def found(**more: Any) -> list[str]:
        answer = client.query(
            TableName="prefixes",
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": "one"}, ":sk": {"S": "open#"}},
            **more,
        )
        return [item["sk"]["S"] for item in answer["Items"]]

    assert found() == ["open#1", "open#10", "open#2"]
    assert found(ScanIndexForward=False, Limit=2) == ["open#2", "open#10"]
    assert found(ExclusiveStartKey={"pk": {"S": "one"}, "sk": {"S": "open#1"}}) == ["open#10", "open#2"]
