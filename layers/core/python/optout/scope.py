"""The scope of a suppression: the topics and namespaces that it covers.

A scope covers an email if it names no topic or the email's topic, and no namespace or the email's namespace. A topic
is ``newsletter:<slug>``, ``trigger:<n>`` or a plain name such as ``marketing``.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from optout.number import LIMIT


class MessageClass(StrEnum):
    """The class of an email. An opt-out stops marketing; a hard bounce or a complaint stops both classes."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


@dataclass(frozen=True, slots=True)
class Mail:
    """The properties of an email that decide whether a suppression stops it."""

    topic: str | None = None
    namespace: str | None = None
    message_class: MessageClass = MessageClass.MARKETING


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of topics and a set of namespaces; an empty set means all."""

    topics: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()

    @classmethod
    def of(cls, topics: Iterable[str] = (), namespaces: Iterable[str] = ()) -> Self:
        return cls(frozenset(topics), frozenset(namespaces))

    @property
    def is_everything(self) -> bool:
        return not self.topics and not self.namespaces

    @property
    def names(self) -> frozenset[str]:
        """All topics and namespaces of the scope; "*" alone for everything."""
        return frozenset("*") if self.is_everything else self.topics | self.namespaces

    @property
    def trigger(self) -> int | None:
        """The number of the trigger, if the scope is exactly one trigger; otherwise None."""
        topic = next(iter(self.topics), "")
        digits = topic.removeprefix(_TRIGGER)
        alone = len(self.topics) == 1 and not self.namespaces and digits != topic
        plain = digits.isascii() and digits.isdigit() and not digits.startswith("0")
        return int(digits) if alone and plain and int(digits) < LIMIT else None

    def covers(self, mail: Mail) -> bool:
        return (not self.topics or mail.topic in self.topics) and (
            not self.namespaces or mail.namespace in self.namespaces
        )

    def meets(self, other: "Scope") -> bool:
        """Whether any email could be covered by both scopes."""
        return _overlap(self.topics, other.topics) and _overlap(self.namespaces, other.namespaces)

    @property
    def key(self) -> str:
        """The canonical text of the scope, whatever the order of its names; `parse` is the inverse."""
        if self.is_everything:
            return "*"
        return json.dumps([sorted(self.topics), sorted(self.namespaces)], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def parse(cls, key: str) -> Self:
        return cls() if key == "*" else cls.of(*json.loads(key))


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or not one.isdisjoint(other)


EVERYTHING = Scope()
_TRIGGER = "trigger:"


def trigger_scope(number: int) -> Scope:
    """The scope of one trigger; 0 is everything."""
    return Scope.of([f"{_TRIGGER}{number}"]) if number else EVERYTHING


def newsletter_topic(slug: str) -> str:
    """The topic of a newsletter's emails."""
    return f"newsletter:{slug}"
