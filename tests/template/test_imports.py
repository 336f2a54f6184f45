"""Which module may import what: the arrows between the packages, and no cycles."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.template import FUNCTIONS, LAYER
from tools.paths import ROOT

GROUND = {"address", "clock", "errors", "number", "scope", "origin", "backoff", "queue", "deadline"}
DOMAIN = {
    "suppressions": {"ground"},
    "messages": {"ground"},
    "provider": {"ground"},
    "access": {"ground"},
    "subscribers": {"ground", "suppressions"},
    "confirmations": {"ground", "suppressions", "subscribers", "messages", "provider"},
    "imports": {"ground", "suppressions", "subscribers"},
    "campaigns": {"ground", "suppressions", "subscribers", "messages", "provider", "access"},
    "delivery": {"ground", "suppressions", "subscribers", "provider", "campaigns"},
    "feedback": {"ground", "suppressions", "access", "campaigns", "delivery"},
}
# Row may import column; every other pair is forbidden. A package may always import itself.
ALLOWED: Mapping[str, set[str]] = {
    "ground": set(),
    **DOMAIN,
    "aws": {"ground", *DOMAIN} - {"feedback"},
    "runtime": {"ground"},
    "wiring": {"ground", *DOMAIN, "aws", "runtime"},
    "web": {"ground", "access", "runtime", "wiring"},
    "functions": {"ground", *DOMAIN, "runtime", "wiring", "web"},
    "tools": {"ground", *DOMAIN, "aws", "runtime", "wiring", "web", "functions"},
    "ses": set(),
    "local": {"ground", *DOMAIN, "aws", "runtime", "wiring", "web", "functions", "tools", "ses"},
    "benchmarks": {"ground", *DOMAIN, "aws", "runtime", "wiring", "web", "functions", "tools", "local", "ses"},
}
DIALECTS = {"rocketchat", "repzo", "letterbucket", "mirasvit", "native"}
AWS_CLIENTS = {"boto3", "botocore", "mypy_boto3_dynamodb", "mypy_boto3_s3", "mypy_boto3_sqs", "mypy_boto3_sesv2"}
HTTP_CLIENTS = {"requests", "httpx", "urllib3", "aiohttp", "socket", "ssl", "urllib.request", "http.client", "smtplib"}


@cache
def sources() -> Mapping[str, Path]:
    """Module name to file, of everything but the tests."""
    found: dict[str, Path] = {}
    for root, *tops in (
        (LAYER.parent, LAYER),
        (FUNCTIONS, FUNCTIONS),
        (ROOT, ROOT / "tools", ROOT / "local", ROOT / "benchmarks"),
    ):
        for path in (file for top in tops for file in top.rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imported_by(text: str) -> Iterator[str]:
    """The full name of everything that a file imports, wherever in it: lazy and type-only imports count."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def imports(module: str) -> frozenset[str]:
    return frozenset(imported_by(sources()[module].read_text()))


def own(name: str) -> str | None:
    """The module of ours that an imported name stands for or stands in; None for anybody else's."""
    while name and name not in sources():
        name = name.rpartition(".")[0]
    return name or None


def package(module: str) -> str:
    """The row of the table."""
    first, _, rest = module.partition(".")
    second = rest.partition(".")[0]
    if first == "optout":
        return "ground" if second in {*GROUND, ""} else second
    if module.startswith("local.ses"):
        return "ses"
    return first if first in {"tools", "local", "benchmarks"} else "functions"


def forbidden(module: str, imported: str) -> bool:
    row, column = package(module), package(imported)
    return row != column and column not in ALLOWED[row]


def top_packages(modules: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


LAYER_MODULES = [name for name in sources() if name.startswith("optout.")]
FUNCTION_MODULES = [name for name, path in sources().items() if FUNCTIONS in path.parents]
PACKAGES = sorted({package(module) for module in sources()})


@pytest.mark.parametrize("row", PACKAGES)
def test_a_package_imports_only_what_its_row_of_the_table_allows(row: str) -> None:
    for module in (name for name in sources() if package(name) == row):
        arrows = {target for name in imports(module) if (target := own(name)) and target not in ("optout", "local")}
        assert not {target for target in arrows if forbidden(module, target)}, module


def test_the_table_knows_every_package_and_no_other() -> None:
    assert set(PACKAGES) == ALLOWED.keys()


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("optout.suppressions.check", "from optout.subscribers.subscriber import Status"),
        ("optout.campaigns.draft", "from optout.delivery import run"),
        ("optout.messages.template", "def late():\n    import optout.aws.dynamodb"),
        ("repzo.check", "from optout.aws.suppressions.store import DynamoDBSuppressions"),
        ("optout.web.body", "from optout.suppressions.check import check"),
        ("tools.table", "from local.settings import RUNS"),
        ("local.ses.ledger", "from optout.number import now"),
    ],
)
def test_an_arrow_that_the_table_forbids_is_found(module: str, line: str) -> None:
    (target,) = {own(name) for name in imported_by(line)}
    assert target is not None
    assert forbidden(module, target)


def test_there_is_no_cycle_of_modules() -> None:
    graph = {module: {own(name) for name in imports(module)} - {None, module} for module in sources()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a cycle: {error.args[1]}")


def test_there_is_no_cycle_of_packages() -> None:
    TopologicalSorter(ALLOWED).prepare()


def test_the_domain_imports_nothing_but_the_standard_library() -> None:
    for module in (name for name in LAYER_MODULES if package(name) in {"ground", *DOMAIN}):
        assert top_packages(imports(module)) - {"optout"} <= sys.stdlib_module_names, module


def test_only_the_adapters_and_the_wiring_import_aws_clients() -> None:
    for module in [*LAYER_MODULES, *FUNCTION_MODULES]:
        assert package(module) in {"aws", "wiring"} or not top_packages(imports(module)) & AWS_CLIENTS, module


def test_nothing_that_is_deployed_imports_what_is_not() -> None:
    for module in [*LAYER_MODULES, *FUNCTION_MODULES]:
        assert not top_packages(imports(module)) & {"local", "tools", "tests", "benchmarks"}, module


def test_only_the_settings_read_the_environment() -> None:
    for module in {*LAYER_MODULES, *FUNCTION_MODULES} - {"optout.wiring.settings"}:
        tree = ast.parse(sources()[module].read_text())
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not {"environ", "getenv", "putenv"} & {*used, *(name.rpartition(".")[2] for name in imports(module))}


def test_an_init_file_holds_one_docstring_and_nothing_else() -> None:
    """What an __init__ imports, every handler pays for."""
    for module, path in sources().items():
        if path.name == "__init__.py":
            (only,) = ast.parse(path.read_text()).body
            assert isinstance(only, ast.Expr), module


def test_a_package_of_functions_imports_no_other() -> None:
    packages = {module.partition(".")[0] for module in FUNCTION_MODULES}
    for module in FUNCTION_MODULES:
        mine = module.partition(".")[0]
        others = DIALECTS | {"links"} if mine == "gateway" else set()  # it speaks for all of them
        assert top_packages(imports(module)) & packages <= {mine} | others, module


def test_the_layer_names_no_dialect() -> None:
    for module in LAYER_MODULES:
        words = set(re.findall("[a-z]+", sources()[module].read_text().lower().replace("rocket.chat", "rocketchat")))
        assert not words & (DIALECTS | {"magento"}), module


def test_feedback_calls_nobody_over_http() -> None:
    """A message may say where it can be confirmed; following that would let anybody send us anywhere."""
    for module in (name for name in FUNCTION_MODULES if name.startswith("feedback.")):
        names = imports(module)
        assert not any(name == client or name.startswith(f"{client}.") for name in names for client in HTTP_CLIENTS)
