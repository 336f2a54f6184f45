"""The OpenAPI document: valid, whole, current, and in the words of the handlers and their dialects."""

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from local.engine.package import contents
from tests.support.template import FUNCTIONS, functions, in_template, module_of
from tools.openapi import document, models
from tools.openapi.endpoints import SLASH
from tools.paths import ROOT

LINK = ROOT / "docs" / "openapi.json"
WRITTEN: dict[str, Any] = json.loads(document.HOME.read_text())
OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    (method.upper(), path): operation for path, item in WRITTEN["paths"].items() for method, operation in item.items()
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=map(" ".join, OPERATIONS))


def named(reference: str) -> Any:
    """What a reference of the document points to."""
    found: Any = WRITTEN
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(WRITTEN).validate()
    assert WRITTEN["openapi"].startswith("3.1.")


def test_the_document_is_what_the_handlers_say() -> None:
    assert document.text() == document.HOME.read_text(), "run ./dev openapi"


def test_the_document_of_the_docs_is_the_one_that_is_served() -> None:
    assert LINK.is_symlink()
    assert LINK.resolve() == document.HOME
    assert not LINK.readlink().is_absolute()


def test_the_document_is_packaged_with_the_functions() -> None:
    assert ("gateway/openapi.json", document.HOME.read_bytes()) in contents(FUNCTIONS)


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    """But for HEAD and a slash at the end, of which the document's description speaks once."""
    routes = {route for function in functions().values() for route in in_template(function)}
    told = {(method, path) for method, path in routes if method != "HEAD" and not path.endswith(SLASH)}
    assert OPERATIONS.keys() == told
    assert "`HEAD` is answered wherever `GET` is" in WRITTEN["info"]["description"]
    assert "ignore a slash at the end" in WRITTEN["info"]["description"]


def test_an_operation_has_an_id_of_its_own() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(ids) == len(set(ids))


def test_the_first_route_of_a_function_is_called_as_its_module() -> None:
    for function in functions().values():
        events = [event["Properties"] for event in function["Events"].values() if event["Type"] == "HttpApi"]
        for event in events[:1]:
            if "Path" in event:
                operation = OPERATIONS[event["Method"], event["Path"]]
                assert operation["operationId"] == module_of(function["Handler"])
                assert "x-spelling-of" not in operation


def test_another_spelling_names_the_operation_that_it_repeats() -> None:
    ids = {operation["operationId"]: operation for operation in OPERATIONS.values()}
    for operation in OPERATIONS.values():
        if first := operation.get("x-spelling-of"):
            assert ids[first]["responses"] == operation["responses"]
            assert ids[first]["summary"] == operation["summary"]


@each_operation
def test_an_operation_says_what_it_is_for_and_whose_it_is(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert "/" not in operation["summary"].split()[0]
    assert operation["tags"] == [operation["operationId"].partition(".")[0]]


@each_operation
def test_whoever_is_asked_for_credentials_is_told_which(operation: dict[str, Any]) -> None:
    is_refused = {"401", "429"} <= operation["responses"].keys()
    assert is_refused or operation["security"] == []
    schemes = WRITTEN["components"]["securitySchemes"].keys()
    assert {name for one in operation["security"] for name in one} <= schemes


@each_operation
def test_a_refusal_is_in_the_dialect_s_own_words(operation: dict[str, Any]) -> None:
    refused = {status: named(found["$ref"]) for status, found in operation["responses"].items() if "$ref" in found}
    assert "500" in refused
    for response in refused.values():
        assert "ValidationError" not in json.dumps(response)
        ((media, content),) = response["content"].items()
        assert media == "text/html" or content["examples"]


@each_operation
def test_a_refusal_that_the_words_of_an_operation_announce_is_among_its_responses(operation: dict[str, Any]) -> None:
    announced = set(re.findall(r"\b[45]\d\d\b", operation.get("description", "")))
    assert announced <= operation["responses"].keys()


def test_two_packages_models_of_one_name_are_told_apart() -> None:
    names = WRITTEN["components"]["schemas"].keys()
    assert all(name.partition(".")[0] in {tag["name"] for tag in WRITTEN["tags"]} for name in names)
    assert {"repzo.Refusal", "mirasvit.Refusal"} <= names


def test_nothing_is_kept_that_nothing_refers_to() -> None:
    text = json.dumps(WRITTEN)
    for kind in ("schemas", "responses"):
        for name in WRITTEN["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text


def test_two_models_of_one_name_in_one_package_are_told_apart() -> None:
    """Also where they differ only in what they refer to."""

    def document_of(kind: str) -> dict[str, Any]:
        answer = {"properties": {"data": {"$ref": "#/components/schemas/Record"}}}
        return {"components": {"schemas": {"Answer": answer, "Record": {"type": kind}, "Same": {"type": "null"}}}}

    found = models.names({"a.one": document_of("string"), "a.two": document_of("integer")})
    assert found["a.one"] == {"Answer": "a.one.Answer", "Record": "a.one.Record", "Same": "a.Same"}
    assert found["a.two"] == {"Answer": "a.two.Answer", "Record": "a.two.Record", "Same": "a.Same"}


def test_a_field_called_title_is_not_taken_for_a_title() -> None:
    schema = {"title": "Book", "properties": {"title": {"title": "Title", "type": "string"}}}
    assert models.without_titles(schema) == {"properties": {"title": {"type": "string"}}}
