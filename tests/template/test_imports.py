"""Which module may import what: the doors between the rooms of the house."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.template.loading import FUNCTIONS, LAYER

# What meets AWS, Powertools and pydantic. Every other module of the layer is domain, or reads bodies and settings.
EDGE = {"__init__", "aws", "wiring", "runtime", "web"}
STANDARD_LIBRARY_ONLY = {path.relative_to(LAYER).parts[0].removesuffix(".py") for path in LAYER.rglob("*.py")} - EDGE
DOMAIN = STANDARD_LIBRARY_ONLY
DIALECTS = {"rocketchat", "repzo", "letterbucket", "mirasvit", "native"}
AWS_CLIENTS = {"boto3", "botocore", "mypy_boto3_dynamodb", "mypy_boto3_sqs", "mypy_boto3_sesv2"}
HTTP_CLIENTS = {"requests", "httpx", "urllib3", "aiohttp", "socket", "ssl", "urllib.request", "http.client", "smtplib"}

LAYER_FILES = sorted(LAYER.rglob("*.py"))
FUNCTION_FILES = sorted(FUNCTIONS.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The full name of everything that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def name(path: Path) -> str:
    return path.relative_to(LAYER if LAYER in path.parents else FUNCTIONS).as_posix()


def test_the_domain_is_where_it_is_said_to_be() -> None:
    assert {"address", "suppressions", "campaigns", "delivery", "errors"} <= DOMAIN


DOMAIN_FILES = [path for path in LAYER_FILES if path.relative_to(LAYER).parts[0].removesuffix(".py") in DOMAIN]


@pytest.mark.parametrize("path", DOMAIN_FILES, ids=name)
def test_the_domain_imports_the_standard_library_and_itself(path: Path) -> None:
    for imported in imports(path):
        root, _, rest = imported.partition(".")
        if root == "optout":
            assert rest.partition(".")[0] in DOMAIN
        else:
            assert root in sys.stdlib_module_names


@pytest.mark.parametrize("path", [*LAYER_FILES, *FUNCTION_FILES], ids=name)
def test_only_the_adapters_and_the_wiring_import_aws_clients(path: Path) -> None:
    if not {"aws", "wiring"} & {*path.parts}:
        assert not roots(path) & AWS_CLIENTS
    assert "local" not in roots(path)
    assert "tests" not in roots(path)


@pytest.mark.parametrize("path", [*LAYER_FILES, *FUNCTION_FILES], ids=name)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    used = [node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
    reads = {"environ", "getenv", "putenv"} & {*used, *(imported.rpartition(".")[2] for imported in imports(path))}
    assert not reads or path == LAYER / "wiring" / "settings.py"


@pytest.mark.parametrize("path", FUNCTION_FILES, ids=name)
def test_functions_go_through_the_wiring_to_aws(path: Path) -> None:
    assert not any(imported.startswith("optout.aws") for imported in imports(path))


@pytest.mark.parametrize("path", FUNCTION_FILES, ids=name)
def test_a_package_of_functions_imports_no_other(path: Path) -> None:
    own = path.parent.name
    allowed = DIALECTS | {"links"} if own == "gateway" else set()  # it speaks for all of them
    packages = {folder.name for folder in FUNCTIONS.iterdir() if folder.is_dir()}
    assert roots(path) & packages <= {own} | allowed


@pytest.mark.parametrize("path", LAYER_FILES, ids=name)
def test_the_layer_names_no_dialect(path: Path) -> None:
    words = set(re.findall("[a-z]+", path.read_text().lower().replace("rocket.chat", "rocketchat")))
    assert not words & (DIALECTS | {"magento"})


@pytest.mark.parametrize("path", sorted((FUNCTIONS / "feedback").glob("*.py")), ids=name)
def test_feedback_calls_nobody_over_http(path: Path) -> None:
    """A message may say where it can be confirmed; following that would let anybody send us anywhere."""
    imported = set(imports(path))
    assert not roots(path) & HTTP_CLIENTS
    assert not any(name.startswith(tuple(HTTP_CLIENTS)) for name in imported)
