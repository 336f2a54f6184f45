"""How far a suppression reaches, and which mail it meets.

A suppression covers a mail when its scope is everything or names the mail's topic, and it names no namespace or names
the mail's. A topic is ``newsletter:<slug>``, ``trigger:<n>`` or a plain name such as ``marketing``.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from optout.number import LIMIT


class MessageClass(StrEnum):
    """An opt-out stops marketing; a hard bounce or a complaint stops both."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


@dataclass(frozen=True, slots=True)
class Mail:
    """What is to be sent, as far as the list cares."""

    topic: str | None = None
    namespace: str | None = None
    message_class: MessageClass = MessageClass.MARKETING


@dataclass(frozen=True, slots=True)
class Scope:
    """No topics means everything; no namespaces means all of them."""

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
        """Every topic and namespace that it names; "*" alone for everything."""
        return frozenset("*") if self.is_everything else self.topics | self.namespaces

    @property
    def trigger(self) -> int | None:
        """The number of the one trigger that this scope is about; None when it is about something else."""
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
        """Whether some mail could be within both; what one of them leaves open, the other may narrow."""
        return _overlap(self.topics, other.topics) and _overlap(self.namespaces, other.namespaces)

    @property
    def key(self) -> str:
        """One text per scope, whatever order its names came in; `parse` reads it back."""
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
    """One trigger, or everything for 0."""
    return Scope.of([f"{_TRIGGER}{number}"]) if number else EVERYTHING


def newsletter_topic(slug: str) -> str:
    """The topic of everything that a newsletter sends."""
    return f"newsletter:{slug}"
