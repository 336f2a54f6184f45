"""What the embedded AWS (ministack) does otherwise than AWS, put right where it starts.

Each correction first asserts that what it corrects is still there, so that an upgrade fails loudly and not silently.
"""

import gzip
import inspect
import textwrap
from typing import Any

from ministack.core import iam_evaluator, lambda_runtime
from ministack.services import apigateway, dynamodb, firehose, lambda_svc
from ministack.services.cloudformation import provisioners

# ministack inserts the code first and the layers before it; on AWS the function's code comes before its layers.
IMPORT_STEP = "    _ms_install_invoke_depth()\n    try:"
PATIENCE = 6
CODE_FIRST = "    sys.path.remove(code_dir)\n    sys.path.insert(0, code_dir)\n" + IMPORT_STEP


def correct(handler_python: str) -> None:
    """Apply every correction."""
    use_handler_python(handler_python)
    put_code_before_layers()
    wait_less_for_logs()
    be_patient_with_handlers()
    refer_to_secrets_by_arn()
    count_in_numbers()
    let_options_reach_routes()
    parse_a_condition_once()
    take_loopback_for_tls()
    pack_files_of_firehose()


def use_handler_python(python: str) -> None:
    """Run handlers with what the Lambda runtime has, in place of the engine's own environment."""
    detect = lambda_runtime._detect_runtime_binary
    assert list(inspect.signature(detect).parameters) == ["runtime"]

    def detected(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (python, script) if runtime.startswith("python") else (binary, script)

    lambda_runtime._detect_runtime_binary = detected


def put_code_before_layers() -> None:
    """Order sys.path as AWS does."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    assert script.count(IMPORT_STEP) == 1
    assert script.count("sys.path.insert(0, code_dir)") == 1
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(IMPORT_STEP, CODE_FIRST)


def wait_less_for_logs() -> None:
    """Spare every handler that logs nothing 50 ms per call."""
    drain = lambda_runtime.Worker._drain_stderr_bounded
    assert drain.__defaults__ == (0.050, 0.005, 0.250)
    drain.__defaults__ = (0.002, 0.002, 0.250)


def be_patient_with_handlers() -> None:
    """On AWS every environment has a processor of its own. Here fifty that start at once share what the machine has, so
    they get more time before they are killed; what a handler is told of its time stays as it is."""
    worker = lambda_runtime.Worker
    source = textwrap.dedent(inspect.getsource(worker.invoke))
    assert source.count("reader.join(timeout=timeout)") == 1
    patient = source.replace("reader.join(timeout=timeout)", f"reader.join(timeout={PATIENCE} * timeout)")
    made: dict[str, Any] = {}
    exec(compile(patient, lambda_runtime.__file__, "exec"), lambda_runtime.__dict__, made)
    worker.invoke = made["invoke"]


def refer_to_secrets_by_arn() -> None:
    """Ref of a secret is its ARN: with its name, no policy of a role that names the secret would match."""
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


def count_in_numbers() -> None:
    """A parameter of type Number arrives as text, and a queue with a text for its concurrency is never polled."""
    limit = lambda_svc._sqs_esm_concurrency
    assert list(inspect.signature(limit).parameters) == ["esm", "func_rec", "config", "queue"]

    def counted(esm: Any, func_rec: Any, config: Any, queue: Any = None) -> int:
        scaling = {name: int(value) for name, value in (esm.get("ScalingConfig") or {}).items()}
        return int(limit({**esm, "ScalingConfig": scaling}, func_rec, config, queue))

    lambda_svc._sqs_esm_concurrency = counted


def let_options_reach_routes() -> None:
    """API Gateway answers OPTIONS itself only where CORS is configured; otherwise it is a method like any other."""
    source = inspect.getsource(apigateway._handle_execute_in_scope)
    assert source.count('    if method == "OPTIONS":\n') == 1
    corrected = source.replace('if method == "OPTIONS":', 'if method == "OPTIONS" and cors_cfg:')
    exec(compile(corrected, apigateway.__file__, "exec"), apigateway.__dict__)


def parse_a_condition_once() -> None:
    """A query parses its condition anew for every item, which makes a partition of a few thousand slow. What a request
    has asked of one item it asks of the next: the same expression, with the very same values and names."""
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


def take_loopback_for_tls() -> None:
    """A bucket that refuses what comes without TLS refuses everything here: nobody listens on the loopback."""
    resolve = iam_evaluator._resolve_condition_key
    assert list(inspect.signature(resolve).parameters) == ["key", "ctx"]

    def resolved(key: str, ctx: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, ctx)

    iam_evaluator._resolve_condition_key = resolved


def pack_files_of_firehose() -> None:
    """A stream that compresses leaves packed files, named so; and it does not remember every record for ever."""
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
