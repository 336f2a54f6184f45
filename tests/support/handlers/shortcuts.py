"""Shortcuts through boto3 and moto, because every test of a handler waits for them: the same results for a third of the
work.

Each shortcut replaces one function of a library. Its result is the same for our tables and our requests. The versions
are locked, and `patch.object` fails when a newer version no longer has the name.
"""

import copy
import hashlib
import json
from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Final
from unittest.mock import patch

from boto3.session import Session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.signers import RequestSigner
from moto.core import responses
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.utils import method_names_from_class
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.responses import DynamoHandler

Rows = dict[Any, Any]

_make_client: Final[Any] = Session.client
_sign: Final = RequestSigner.sign
_answer_request: Final = BotocoreStubber.__call__
_serialize: Final = DynamoHandler.serialized
_update_item: Final = DynamoDBBackend.update_item
_lex: Final = ConditionExpressionParser._lex_condition_expression
_clients: Final[dict[str, Any]] = {}
_processors: Final = validators.UpdateExpressionValidator.get_ast_processors
_CHECKS: Final = (  # they change nothing; the stores' own tests (tests/aws) run with them
    validators.ActionCountValidator,
    validators.OverlappingPathsValidator,
    validators.UpdateHashRangeKeyValidator,
    validators.TypeMismatchValidator,
    validators.EmptyStringKeyValueValidator,
)


@contextmanager
def shortcuts() -> Iterator[None]:
    """Use the shortcuts inside the block."""
    with ExitStack() as patches:
        for owner, name, replacement in _SHORTCUTS:
            patches.enter_context(patch.object(owner, name, replacement))
        patches.enter_context(patch.object(Table, "__deepcopy__", _backup, create=True))
        yield


def _kept_client(session: Session, *which: Any, config: Config | None = None) -> Any:
    """Making a client takes longer than a request. A client keeps no state between tests."""
    key = f"{which} {config and vars(config)}"
    if key not in _clients:
        _clients[key] = _make_client(session, *which, config=config)
    return _clients[key]


def rows_of(table: Any) -> Rows:
    """A snapshot of a table's items. Later writes do not change it, because every write replaces an item."""
    rows: Rows = table.items.copy()
    for key, found in rows.items():
        rows[key] = found.copy() if isinstance(found, dict) else found
    return rows


def text_of(item: Any) -> str:
    """An item as text, for comparisons. It is made once, because a write replaces the item."""
    if "text" not in vars(item):
        item.text = str(item.to_json())
    return str(item.text)


def _backup(table: Any, _memo: dict[int, Any]) -> Any:
    """moto copies the tables of a transaction before it writes, to restore them when the transaction is refused."""
    backup = copy.copy(table)
    backup.items = rows_of(table)
    return backup


def _update_a_copy(backend: Any, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
    """moto changes the stored item in place. A copy is stored first, so that snapshots keep the old item."""
    table = backend.get_table(table_name)
    hash_key, range_key = backend.get_keys_value(table, key)
    if (item := table.get_item(hash_key, range_key)) is not None:
        if range_key is None:
            table.items[hash_key] = copy.deepcopy(item)
        else:
            table.items[hash_key][range_key] = copy.deepcopy(item)
    return _update_item(backend, table_name, key, *args, **kwargs)


def _sign_if_read(signer: Any, operation_name: str, request: Any, *args: Any, **kwargs: Any) -> None:
    """moto's DynamoDB does not read the signature."""
    if signer._service_id != "DynamoDB":
        _sign(signer, operation_name, request, *args, **kwargs)


def _answer(stubber: Any, event_name: str, request: Any, **kwargs: Any) -> AWSResponse | None:
    """The answer to a request. DynamoDB's requests have the operation in a header and JSON in the body; moto tries a
    hundred URL patterns and builds a WSGI request before it reads them."""
    action = request.headers.get("X-Amz-Target", b"")
    if not stubber.enabled or not action.startswith(b"DynamoDB"):
        response: AWSResponse | None = _answer_request(stubber, event_name, request, **kwargs)
        return response
    handler = DynamoHandler()
    handler.headers, handler.querystring, handler.response_headers = {"x-amz-target": action.decode()}, {}, {}
    handler.current_account, handler.region = DEFAULT_ACCOUNT_ID, request.url.split(".")[1]
    handler.params = json.loads(request.body, object_hook=_bytes)
    status, headers, body = handler.call_action()
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


def _bytes(value: dict[str, Any]) -> dict[str, Any]:
    """An attribute of type B is base64 in JSON, and bytes in moto."""
    return {"B": b64decode(value["B"])} if len(value) == 1 and isinstance(value.get("B"), str) else value


def _serialize_plainly(handler: Any, result: Any) -> Any:
    """DynamoDB's results already have the names of the API. moto's serializer tries several spellings of each name."""
    if isinstance(result.result, Exception):
        return _serialize(handler, result)
    return 200, {"Content-Type": "application/x-amz-json-1.0"}, dynamo_json_dump(result.result)


def _processors_that_change(validator: Any) -> list[Any]:
    """moto walks every update expression ten times, five times only to check it."""
    return [one for one in _processors(validator) if not isinstance(one, _CHECKS)]


@cache
def _lexed(condition: str) -> tuple[Any, ...]:
    return tuple(_lex(ConditionExpressionParser(condition, {}, {})))


_SHORTCUTS: Final = (
    (Session, "client", _kept_client),
    (hashlib, "scrypt", cache(hashlib.scrypt)),  # slow on purpose, and the tests use the same few passwords
    (RequestSigner, "sign", _sign_if_read),
    (BotocoreStubber, "__call__", _answer),
    (responses, "method_names_from_class", cache(method_names_from_class)),
    (DynamoHandler, "serialized", _serialize_plainly),
    (DynamoDBBackend, "update_item", _update_a_copy),
    (validators.UpdateExpressionValidator, "get_ast_processors", _processors_that_change),
    (UpdateExpressionParser, "make", cache(UpdateExpressionParser.make)),
    (ConditionExpressionParser, "_lex_condition_expression", lambda self: deque(_lexed(self.condition_expression))),
)
