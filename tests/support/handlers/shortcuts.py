"""Shortcuts through moto for tests that reset it thousands of times: the same answers for a third of the work.

Each replaces an internal of moto by one that does the same for the service model and the items that our tables have.
moto's version is locked; `patch.object` fails for a name that a newer one no longer has.
"""

import copy
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Final
from unittest.mock import patch

from boto3.session import Session
from botocore.config import Config
from moto import backend_index
from moto.core import responses
from moto.core.utils import method_names_from_class
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.dynamodb.responses import DynamoHandler

Rows = dict[Any, Any]

_SERVICES: Final = {"dynamodb", "s3", "secretsmanager", "sqs"}
_PATTERNS: Final = [(name, urls) for name, urls in backend_index.backend_url_patterns if name in _SERVICES]
_scrypt: Final = cache(hashlib.scrypt)  # it is slow on purpose, and the tests try the same few passwords
_client: Final[Any] = Session.client
_clients: Final[dict[str, Any]] = {}
_serialized: Final = DynamoHandler.serialized
_update_item: Final = DynamoDBBackend.update_item


@contextmanager
def shortcuts() -> Iterator[None]:
    """Take them while this is open."""
    with ExitStack() as patches:
        for owner, name, replacement in (
            (Session, "client", _kept_client),
            (hashlib, "scrypt", _scrypt),
            (DynamoHandler, "serialized", _answer),
            (DynamoDBBackend, "update_item", _update_a_copy),
            (backend_index, "backend_url_patterns", _PATTERNS),
            (responses, "method_names_from_class", cache(method_names_from_class)),
        ):
            patches.enter_context(patch.object(owner, name, replacement))
        patches.enter_context(patch.object(Table, "__deepcopy__", _backup, create=True))
        yield


def _kept_client(session: Session, *which: Any, config: Config | None = None) -> Any:
    """A client takes longer to make than a request, and has nothing that a test could change and leave behind."""
    key = f"{which} {config and vars(config)}"
    if key not in _clients:
        _clients[key] = _client(session, *which, config=config)
    return _clients[key]


def rows_of(table: Any) -> Rows:
    """A table's items as they are now. Later writes do not show: each replaces an item, none changes it."""
    rows: Rows = table.items.copy()
    for key, found in rows.items():
        rows[key] = found.copy() if isinstance(found, dict) else found
    return rows


def text_of(item: Any) -> str:
    """An item as JSON, to be compared; made once, because a write replaces the item."""
    if "text" not in vars(item):
        item.text = str(item.to_json())
    return str(item.text)


def _backup(table: Any, _memo: dict[int, Any]) -> Any:
    """moto copies each table of a transaction in case that it has to be undone."""
    backup = copy.copy(table)
    backup.items = rows_of(table)
    return backup


def _update_a_copy(backend: Any, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
    """moto changes the item in place: put a copy in its place first, so that `rows_of` need not copy every item."""
    table = backend.get_table(table_name)
    hash_key, range_key = backend.get_keys_value(table, key)
    if (item := table.get_item(hash_key, range_key)) is not None:
        if range_key is None:
            table.items[hash_key] = copy.deepcopy(item)
        else:
            table.items[hash_key][range_key] = copy.deepcopy(item)
    return _update_item(backend, table_name, key, *args, **kwargs)


def _answer(handler: Any, result: Any) -> Any:
    """DynamoDB's results have the names of the wire already; moto's serializer tries several spellings of each."""
    if isinstance(result.result, Exception):
        return _serialized(handler, result)
    headers = {"Content-Type": "application/x-amz-json-1.0", **handler.response_headers}
    return 200, headers, dynamo_json_dump(result.result)
