"""The models of all endpoints, with unique names.

Several packages have a model ``Record``, so the document prefixes names with the package: ``repzo.Record``. If one
package has two different models with the same name, the prefix includes the endpoint.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schemas = Mapping[str, dict[str, Any]]
_PLACE = "#/components/schemas/"


def names(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The new name of each endpoint's models; ``documents`` maps endpoint names to their OpenAPI documents."""
    meanings: dict[str, set[str]] = {}
    for endpoint, document in documents.items():
        for model, meaning in _meanings(schemas(document)).items():
            meanings.setdefault(_short(endpoint, model), set()).add(meaning)
    return {
        endpoint: {
            model: short if len(meanings[short := _short(endpoint, model)]) == 1 else f"{endpoint}.{model}"
            for model in schemas(document)
        }
        for endpoint, document in documents.items()
    }


def _short(endpoint: str, model: str) -> str:
    return f"{endpoint.partition('.')[0]}.{model}"


def schemas(document: Mapping[str, Any]) -> Schemas:
    """The models of one document."""
    found: Schemas = document.get("components", {}).get("schemas", {})
    return found


def renamed(value: Any, called: Mapping[str, str]) -> Any:
    """A part of a document, with its references changed to the new names."""
    if isinstance(value, list):
        return [renamed(inner, called) for inner in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        return {**value, "$ref": _PLACE + called[value["$ref"].removeprefix(_PLACE)]}
    return {key: renamed(inner, called) for key, inner in value.items()}


def without_titles(schema: Any) -> Any:
    """A schema without the titles that pydantic derives from field names; a field called ``title`` stays."""
    if isinstance(schema, list):
        return [without_titles(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: without_titles(inner) for name, inner in value.items()}
        if key in ("properties", "$defs")
        else value
        if key in ("default", "example", "examples", "enum", "const")
        else without_titles(value)
        for key, value in schema.items()
        if key != "title"
    }


def reachable(parts: Any, models: Schemas) -> dict[str, dict[str, Any]]:
    """The models that parts of a document refer to, directly or indirectly, by name."""
    found: set[str] = set()
    waiting = list(_references(parts))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(models[name])
    return {name: models[name] for name in sorted(found)}


def _meanings(models: Schemas) -> dict[str, str]:
    """Each model as text, with all models that it refers to. Models with the same text may share a name."""
    return {name: json.dumps([schema, reachable(schema, models)], sort_keys=True) for name, schema in models.items()}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str) and value["$ref"].startswith(_PLACE):
            yield value["$ref"].removeprefix(_PLACE)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
