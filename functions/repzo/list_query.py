"""The query parameters of a list, in every format that Repzo's clients send.

An array is a JSON text in one parameter (the shipped client), a repeated name (the documentation) or a name with
brackets (axios); a plain value is an array of one. Unknown parameters are ignored, unless they
have the name of a record's field. The plus sign of an address may arrive as a space.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from optout.errors import Invalid, Malformed, Problem
from optout.runtime.fields import Email
from optout.suppressions.search import Key, Order, Search, by_number
from optout.web.body import parse
from repzo.schemas import Names, ObjectIds, numbers_of

# Numbers grow with the time of creation, and counters find any page of a list sorted by number.
_KEYS: Mapping[str, Key] = {
    "createdAt": by_number,
    "_id": by_number,
    "modifiedAt": lambda record: record.modified,
    "email": lambda record: record.address.key_form,
}
_FIELD = f"({'|'.join(_KEYS)})"
_ARRAYS = {"company_namespace", "_id"}
_INDEX = re.compile(r"\[[0-9]*\]$")


def _from_digits(value: Any) -> int:
    """Stricter than pydantic, which accepts `` +1_0`` and digits of other alphabets too."""
    if not isinstance(value, str) or not re.fullmatch("[0-9]{1,15}", value):
        raise PydanticCustomError("int_parsing", "Input should be a whole number.")
    return int(value)


_Digits = BeforeValidator(_from_digits)
_Absent: TypeAlias = SkipJsonSchema[None]  # cannot be written in a query string
_SORT = Field(pattern=f"^(-?{_FIELD}|{_FIELD}:(asc|desc))$", description="field, -field, field:asc or field:desc")


class ListQuery(BaseModel):
    """The query parameters of a list."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    page: Annotated[int, Field(ge=1, description="Page number"), _Digits] = 1
    per_page: Annotated[int, Field(ge=1, le=100, description="Number of items per page"), _Digits] = 25
    sort: Annotated[str, _SORT] = "-createdAt"
    email: Annotated[Email | _Absent, Field(description="Only records of this address, in any letter case")] = None
    company_namespace: Annotated[
        Names | _Absent, Field(description="Only records that name any of these namespaces")
    ] = None
    ids: Annotated[ObjectIds | _Absent, Field(alias="_id", description="Only records with these ids")] = None

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Parse the pairs of a query string; raises `Invalid`."""
        try:
            return cls.model_validate(dict(_values(pairs)))
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            problems = [Problem(".".join(map(str, one["loc"])), one["type"], one["msg"]) for one in found]
            raise Invalid("query", *problems) from error

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def search(self) -> Search:
        """The search of the suppression list. An empty array finds nothing."""
        namespaces = self.company_namespace
        numbers = None if self.ids is None else numbers_of(self.ids)
        found = Search(address=self.email, numbers=numbers, orders=self._orders())
        if namespaces is None:
            return found
        if not namespaces:
            return replace(found, numbers=())
        names = frozenset(namespaces)  # the store does not tell a type of this name from a namespace
        return replace(found, naming=names, matches=lambda record: not names.isdisjoint(record.scope.namespaces))

    def _orders(self) -> tuple[Order, ...]:
        """The sort order; the number comes last, so that pages never overlap."""
        field, _, direction = self.sort.removeprefix("-").partition(":")
        descending = self.sort.startswith("-") or direction == "desc"
        return Order(_KEYS[field], descending), Order(by_number, descending)


def openapi_parameters() -> dict[str, Any]:
    """The parameters for the OpenAPI document. The resolver does not declare them, because its parser loses the
    difference between a comma and a repeated name."""
    found = [_parameter(name, dict(schema)) for name, schema in ListQuery.model_json_schema()["properties"].items()]
    return {"parameters": found}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if schema["default"] is None:
        del schema["default"]
    description = schema.pop("description")
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _values(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    """Each parameter with its value: for an array all its elements, otherwise its only value."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(_INDEX.sub("", name), []).append(value)
    for name, values in found.items():
        if name in _ARRAYS:
            yield name, [element for value in values for element in _elements(value)]
        elif len(values) > 1:
            yield name, values
        else:
            yield name, values[0].strip().replace(" ", "+") if name == "email" else values[0]


def _elements(value: str) -> list[Any]:
    try:
        return list(parse(value)) if value.startswith("[") else [value]
    except Malformed as error:
        raise Invalid("query", *error.problems) from error
