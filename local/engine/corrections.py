"""Corrections of the AWS emulator (ministack) where it differs from AWS, applied when it starts.

Each correction first asserts that the code it replaces is unchanged, so that an upgrade of ministack fails loudly.
"""

import gzip
import inspect
import os
import re
import textwrap
from typing import Any

from ministack.core import iam_evaluator, lambda_runtime
from ministack.services import apigateway, dynamodb, firehose, lambda_svc
from ministack.services.cloudformation import provisioners

from local.settings import PATIENCE

# What handlers inherit of the engine's environment: the machine's, the endpoints of AWS, and how patient they are.
FOR_HANDLERS = ("AWS_", "HOME", "LANG", "LC_", "PATH", "PATIENCE", "PYTHON", "TMPDIR", "TZ")
IMPORT_STEP = "    _ms_install_invoke_depth()\n    try:"
WHOLE_PARTITION = '        candidates = list(table["items"].get(pk_val, {}).values())\n'
PREFIX = re.compile(r"begins_with\s*\(\s*#?\w+\s*,\s*(:\w+)\s*\)")
Kinds = dict[str, dict[str, None]]  # the sort keys of a partition, by their kind
CODE_FIRST = "    sys.path.remove(code_dir)\n    sys.path.insert(0, code_dir)\n" + IMPORT_STEP


def correct(handler_python: str) -> None:
    """Apply every correction."""
    use_handler_python(handler_python)
    put_code_before_layers()
    shorten_wait_for_logs()
    extend_handler_timeouts()
    give_handlers_the_environment_of_lambda()
    refer_to_secrets_by_arn()
    convert_concurrency_to_int()
    route_options_requests()
    let_greedy_variables_be_empty()
    cache_parsed_condition()
    query_by_prefix()
    treat_loopback_as_tls()
    compress_firehose_files()


def use_handler_python(python: str) -> None:
    """Run handlers with the packages of the Lambda runtime instead of the engine's own."""
    detect = lambda_runtime._detect_runtime_binary
    assert list(inspect.signature(detect).parameters) == ["runtime"]

    def detected(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (python, script) if runtime.startswith("python") else (binary, script)

    lambda_runtime._detect_runtime_binary = detected


def put_code_before_layers() -> None:
    """On AWS the function's code comes before its layers on sys.path; ministack puts the layers first."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    assert script.count(IMPORT_STEP) == 1
    assert script.count("sys.path.insert(0, code_dir)") == 1
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(IMPORT_STEP, CODE_FIRST)


def shorten_wait_for_logs() -> None:
    """ministack waits 50 ms per call for log lines of a handler that logs nothing; 2 ms are enough."""
    drain = lambda_runtime.Worker._drain_stderr_bounded
    assert drain.__defaults__ == (0.050, 0.005, 0.250)
    drain.__defaults__ = (0.002, 0.002, 0.250)


def extend_handler_timeouts() -> None:
    """Handlers get more time before they are killed. The remaining time that a handler sees stays that of its
    configured timeout."""
    worker = lambda_runtime.Worker
    source = textwrap.dedent(inspect.getsource(worker.invoke))
    assert source.count("reader.join(timeout=timeout)") == 1
    extended = source.replace("reader.join(timeout=timeout)", f"reader.join(timeout={PATIENCE} * timeout)")
    made: dict[str, Any] = {}
    exec(compile(extended, lambda_runtime.__file__, "exec"), lambda_runtime.__dict__, made)
    worker.invoke = made["invoke"]


def give_handlers_the_environment_of_lambda() -> None:
    """Handlers do not see the engine's own variables, such as its log level, and see the log format and level that
    Lambda tells them for the LoggingConfig of the template."""
    worker = lambda_runtime.Worker
    source = textwrap.dedent(inspect.getsource(worker._spawn))
    inherited, timeout = "spawn_env = {**os.environ, **env_vars}", 'spawn_env.setdefault("_LAMBDA_TIMEOUT"'
    assert source.count(inherited) == source.count(timeout) == 1
    source = source.replace(inherited, "spawn_env = {**_inherited(), **env_vars}")
    source = source.replace(timeout, f"spawn_env.update(_logging(self.config)); {timeout}")
    made: dict[str, Any] = {}
    lambda_runtime.__dict__.update(_inherited=_inherited, _logging=_logging)
    exec(compile(source, lambda_runtime.__file__, "exec"), lambda_runtime.__dict__, made)
    worker._spawn = made["_spawn"]


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(FOR_HANDLERS)}


def _logging(function: dict[str, Any]) -> dict[str, str]:
    logging = function.get("LoggingConfig", {})
    if logging.get("LogFormat") != "JSON":
        return {}
    level = logging.get("ApplicationLogLevel", "INFO")
    return {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": level}


def refer_to_secrets_by_arn() -> None:
    """On AWS, Ref of a secret is its ARN; ministack returns its name, which no role's policy would match."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]
    assert 'return name, {"Id": arn, "Arn": arn}' in inspect.getsource(create)
    assert 'return physical_id, {"Id": secret["ARN"]' in inspect.getsource(update)

    def name(arn: str) -> str:
        return arn.rpartition(":")[2].rpartition("-")[0]

    def created(logical_id: str, properties: Any, stack: str) -> tuple[str, Any]:
        attributes = create(logical_id, properties, stack)[1]
        return attributes["Arn"], attributes

    def updated(arn: str, old: Any, new: Any, stack: str, logical_id: str | None = None) -> tuple[str, Any]:
        attributes = update(name(arn), old, new, stack, logical_id)[1]
        return attributes["Arn"], attributes

    handlers["create"], handlers["update"] = created, updated
    handlers["delete"] = lambda arn, properties: delete(name(arn), properties)


def convert_concurrency_to_int() -> None:
    """A parameter of type Number arrives as text, and ministack never polls a queue whose concurrency is text."""
    limit = lambda_svc._sqs_esm_concurrency
    assert list(inspect.signature(limit).parameters) == ["esm", "func_rec", "config", "queue"]

    def counted(esm: Any, func_rec: Any, config: Any, queue: Any = None) -> int:
        scaling = {name: int(value) for name, value in (esm.get("ScalingConfig") or {}).items()}
        return int(limit({**esm, "ScalingConfig": scaling}, func_rec, config, queue))

    lambda_svc._sqs_esm_concurrency = counted


def route_options_requests() -> None:
    """API Gateway answers OPTIONS itself only if CORS is configured; otherwise OPTIONS is routed like any method."""
    source = inspect.getsource(apigateway._handle_execute_in_scope)
    assert source.count('    if method == "OPTIONS":\n') == 1
    corrected = source.replace('if method == "OPTIONS":', 'if method == "OPTIONS" and cors_cfg:')
    exec(compile(corrected, apigateway.__file__, "exec"), apigateway.__dict__)


def let_greedy_variables_be_empty() -> None:
    """On AWS `/path/{proxy+}` takes `/path/` too (storacha/w3infra#166); ministack wants a character there."""
    source = inspect.getsource(apigateway._extract_path_params)
    assert source.count('pattern_parts.append("(.+)")') == 1
    corrected = source.replace('pattern_parts.append("(.+)")', 'pattern_parts.append("(.*)")')
    exec(compile(corrected, apigateway.__file__, "exec"), apigateway.__dict__)


def cache_parsed_condition() -> None:
    """ministack parses a query's condition again for every item, which is slow for a few thousand items. All items of
    one request share the expression and the same objects for values and names, so the last parse can be reused."""
    evaluate, tokenize, evaluator = dynamodb._evaluate_condition, dynamodb._tokenize, dynamodb._ExprEval
    parameters = ["expr", "item", "attr_values", "attr_names", "slot"]
    assert list(inspect.signature(evaluate).parameters) == parameters
    assert "return _ExprEval(tokens, item, attr_values, attr_names).evaluate()" in inspect.getsource(evaluate)
    parsed: tuple[Any, ...] = (None, None, None, None, None)

    def evaluated(expr: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression") -> Any:
        nonlocal parsed
        known, of_values, of_names, of_slot, tokens = parsed
        if known == expr and of_values is values and of_names is names and of_slot == slot:
            return evaluator(tokens, item, values, names).evaluate()
        found = evaluate(expr, item, values, names, slot)
        if expr:
            parsed = (expr, values, names, slot, tokenize(expr))
        return found

    dynamodb._evaluate_condition = evaluated


def query_by_prefix() -> None:
    """ministack sorts a whole partition and evaluates the condition for each of its items, whatever a query asks for.
    A campaign's partition has an item for each recipient, so all queries of it would take longer and longer. Here the
    sort keys of a partition are known by their kind, the part before the first ``#``."""
    query, set_item, remove_item = inspect.getsource(dynamodb._query), dynamodb._set_item, dynamodb._remove_item
    assert query.count(WHOLE_PARTITION) == 1
    for change in (set_item, remove_item):
        assert list(inspect.signature(change).parameters)[:3] == ["table", "pk_val", "sk_val"]
    tables: dict[int, tuple[Any, dict[str, Kinds]]] = {}

    def kinds_of(table: Any) -> dict[str, Kinds]:
        return tables.setdefault(id(table), (table, {}))[1]

    def set_one(table: Any, pk: str, sk: str, item: Any) -> Any:
        kinds_of(table).setdefault(pk, {}).setdefault(sk.partition("#")[0], {})[sk] = None
        return set_item(table, pk, sk, item)

    def remove_one(table: Any, pk: str, sk: str) -> Any:
        kinds_of(table).get(pk, {}).get(sk.partition("#")[0], {}).pop(sk, None)
        return remove_item(table, pk, sk)

    def with_prefix(table: Any, pk: str, condition: str | None, values: Any) -> list[Any]:
        partition = table["items"].get(pk, {})
        asked = PREFIX.search(condition or "")
        prefix = (values or {}).get(asked[1], {}).get("S", "") if asked else ""
        if "#" not in prefix:
            return list(partition.values())
        kinds = kinds_of(table).setdefault(pk, {})
        if sum(map(len, kinds.values())) != len(partition):  # loaded from a file, or restored
            kinds.clear()
            for key in list(partition):
                kinds.setdefault(key.partition("#")[0], {})[key] = None
        keys = list(kinds.get(prefix.partition("#")[0], ()))
        return [partition[key] for key in keys if key.startswith(prefix) and key in partition]

    dynamodb._set_item, dynamodb._remove_item, dynamodb._with_prefix = set_one, remove_one, with_prefix
    found = "        candidates = _with_prefix(table, pk_val, key_cond, eav)\n"
    exec(compile(query.replace(WHOLE_PARTITION, found), dynamodb.__file__, "exec"), dynamodb.__dict__)


def treat_loopback_as_tls() -> None:
    """A bucket policy that requires TLS would reject every local request; loopback traffic stays on this machine."""
    resolve = iam_evaluator._resolve_condition_key
    assert list(inspect.signature(resolve).parameters) == ["key", "ctx"]

    def resolved(key: str, ctx: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, ctx)

    iam_evaluator._resolve_condition_key = resolved


def compress_firehose_files() -> None:
    """Compress the files of a stream with GZIP compression and name them .gz. Also drop delivered records, which
    ministack keeps in memory forever."""
    deliver = firehose._deliver_to_s3
    assert list(inspect.signature(deliver).parameters) == ["stream", "dest", "record_data", "lambda_keys"]
    assert "gzip.compress" not in inspect.getsource(firehose)
    assert "cfg.get('FileExtension')" in inspect.getsource(deliver)
    assert 'dest["records"].append(' in inspect.getsource(firehose._put_record_batch)

    def delivered(stream: Any, dest: Any, record_data: bytes, lambda_keys: Any = None) -> None:
        dest["records"].clear()
        if dest["config"].get("CompressionFormat") == "GZIP":
            dest = {**dest, "config": {"FileExtension": ".gz", **dest["config"]}}
            record_data = gzip.compress(record_data, 1)
        deliver(stream, dest, record_data, lambda_keys)

    firehose._deliver_to_s3 = delivered
