"""The words of our own API: snake_case, ids as texts, times in ISO 8601 with a Z."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from native.suppressions.sentences import sentence
from native.values import Kind, Name, iso_or_none
from optout.runtime.fields import Body, Email, Reply, iso
from optout.scope import Mail, MessageClass, Scope
from optout.suppressions.check import Decision, decide
from optout.suppressions.explain import Explanation
from optout.suppressions.suppression import Action, Change, Reason, Rule, Suppression

MOST_OVERRIDES = 100


class Entry(Body):
    """One mail that is to be sent. An unknown field is refused: a topic that is misspelt would not narrow anything."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    topic: Name | None = Field(default=None, description="Without one, only rules about everything stop the mail.")
    namespace: Name | None = None
    message_class: Kind = MessageClass.MARKETING
    override: bool = Field(default=False, description="Send a transactional mail all the same; it is written down.")
    why: str = Field(default="", max_length=1000, description="Kept in the history of an override.")

    @field_validator("override")
    @classmethod
    def _only_transactional(cls, override: bool, info: Any) -> bool:
        if override and info.data.get("message_class") is MessageClass.MARKETING:
            raise PydanticCustomError("override_of_marketing", "Only transactional mail can be sent all the same.")
        return override

    @property
    def mail(self) -> Mail:
        return Mail(self.topic, self.namespace, self.message_class)


class Question(Body):
    """The body of a check."""

    model_config = ConfigDict(extra="forbid")

    addresses: Annotated[list[Entry], Field(min_length=1, max_length=1000)]

    @field_validator("addresses")
    @classmethod
    def _few_overrides(cls, addresses: list[Entry]) -> list[Entry]:
        if sum(entry.override for entry in addresses) > MOST_OVERRIDES:
            raise PydanticCustomError(
                "too_many_overrides", "At most {limit} of them can be overrides.", {"limit": MOST_OVERRIDES}
            )
        return addresses

    @property
    def overrides(self) -> bool:
        return any(entry.override for entry in self.addresses)


class ScopeShown(Reply):
    """No topics stands for everything, no namespaces for all of them."""

    topics: list[str]
    namespaces: list[str]

    @classmethod
    def of(cls, scope: Scope) -> "ScopeShown":
        return cls(topics=sorted(scope.topics), namespaces=sorted(scope.namespaces))


class RuleShown(Reply):
    """A rule that stops the mail, and whether it is the one that decides."""

    id: str
    scope: ScopeShown
    reason: Reason
    since: str
    decides: bool

    @classmethod
    def all(cls, rules: Sequence[Rule]) -> "list[RuleShown]":
        return [
            cls(
                id=str(entry.number),
                scope=ScopeShown.of(scope),
                reason=entry.reason,
                since=iso(entry.since),
                decides=place == 0,
            )
            for place, (scope, entry) in enumerate(rules)
        ]


class Answer(Reply):
    """May this mail go? ``since`` is the deciding rule's; it and ``rules`` stay when an override passes them over."""

    email: str
    allowed: bool
    overridden: bool
    since: str | None
    rules: list[RuleShown]

    @classmethod
    def of(cls, entry: Entry, decision: Decision) -> "Answer":
        return cls(
            email=entry.email.original,
            allowed=decision.allowed or entry.override,
            overridden=entry.override and not decision.allowed,
            since=iso_or_none(decision.since),
            rules=RuleShown.all(decision.rules),
        )


class Answers(Reply):
    """One answer per entry, in their order."""

    results: list[Answer]


class Step(Reply):
    """One change of a record: ``reason`` and ``why`` are the record's, ``note`` was said about the step itself."""

    id: str
    version: int
    revision: int
    action: Action
    at: str
    scope: ScopeShown
    reason: Reason
    why: str
    note: str
    via: str
    actor: str
    user_agent: str
    ip_hash: str
    sentence: str

    @classmethod
    def all(cls, changes: Sequence[Change]) -> "list[Step]":
        return [
            cls(
                id=str(change.record.number),
                version=change.version,
                revision=change.record.revision,
                action=change.action,
                at=iso(change.at),
                scope=ScopeShown.of(change.record.scope),
                reason=change.record.reason,
                why=change.record.why,
                note=change.note,
                via=change.origin.via,
                actor=change.origin.actor,
                user_agent=change.origin.user_agent,
                ip_hash=change.origin.ip,
                sentence=sentence(change),
            )
            for change in changes
        ]


class History(Reply):
    """All that happened to one record, oldest first; a record that was lifted has its history too."""

    id: str
    email: str
    in_force: bool
    history: list[Step]

    @classmethod
    def of(cls, changes: Sequence[Change]) -> "History":
        last = changes[-1]
        return cls(
            id=str(last.record.number),
            email=last.record.address.original,
            in_force=last.action is not Action.LIFTED,
            history=Step.all(changes),
        )


class Verdict(Reply):
    """May a mail of this class go?"""

    allowed: bool
    since: str | None
    rules: list[RuleShown]

    @classmethod
    def of(cls, decision: Decision) -> "Verdict":
        return cls(allowed=decision.allowed, since=iso_or_none(decision.since), rules=RuleShown.all(decision.rules))


class Record(Reply):
    """A record in force."""

    id: str
    email: str
    scope: ScopeShown
    reason: Reason
    why: str
    since: str
    modified_at: str
    revision: int

    @classmethod
    def of(cls, record: Suppression) -> "Record":
        return cls(
            id=str(record.number),
            email=record.address.original,
            scope=ScopeShown.of(record.scope),
            reason=record.reason,
            why=record.why,
            since=iso(record.created),
            modified_at=iso(record.modified),
            revision=record.revision,
        )


class Explained(Reply):
    """Why an address is, or was, left alone; ``story`` ends with the newest change by then."""

    email: str
    at: str
    topic: str | None
    namespace: str | None
    marketing: Verdict
    transactional: Verdict
    in_force: list[Record]
    story: list[Step]

    @classmethod
    def of(cls, found: Explanation, at: int, topic: str | None, namespace: str | None) -> "Explained":
        marketing, transactional = (Mail(topic, namespace, kind) for kind in MessageClass)
        return cls(
            email=found.state.address.original,
            at=iso(at),
            topic=topic,
            namespace=namespace,
            marketing=Verdict.of(decide(found.state, marketing)),
            transactional=Verdict.of(decide(found.state, transactional)),
            in_force=[Record.of(record) for record in found.records],
            story=Step.all(found.story),
        )
