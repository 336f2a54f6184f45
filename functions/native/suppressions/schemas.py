"""Request and reply models of the suppression list. Ids are strings, times are ISO 8601 in UTC."""

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
from optout.suppressions.suppression import Action, Change, Reason, Rule, Speaker, Suppression

MOST_OVERRIDES = 100


class CheckItem(Body):
    """One email to check. Unknown fields are rejected, because a misspelt topic would be ignored."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    topic: Name | None = Field(default=None, description="Without a topic, only rules for all topics stop the email.")
    namespace: Name | None = None
    message_class: Kind = MessageClass.MARKETING
    override: bool = Field(
        default=False, description="Send a transactional email in spite of a rule; the override is logged."
    )
    why: str = Field(default="", max_length=1000, description="The reason for the override, kept in the history.")

    @field_validator("override")
    @classmethod
    def _only_transactional(cls, override: bool, info: Any) -> bool:
        if override and info.data.get("message_class") is MessageClass.MARKETING:
            raise PydanticCustomError("override_of_marketing", "Only transactional email can be sent with an override.")
        return override

    @property
    def mail(self) -> Mail:
        return Mail(self.topic, self.namespace, self.message_class)


class CheckRequest(Body):
    """The body of a check."""

    model_config = ConfigDict(extra="forbid")

    addresses: Annotated[list[CheckItem], Field(min_length=1, max_length=1000)]

    @field_validator("addresses")
    @classmethod
    def _few_overrides(cls, addresses: list[CheckItem]) -> list[CheckItem]:
        if sum(entry.override for entry in addresses) > MOST_OVERRIDES:
            raise PydanticCustomError(
                "too_many_overrides", "At most {limit} addresses can have an override.", {"limit": MOST_OVERRIDES}
            )
        return addresses

    @property
    def overrides(self) -> bool:
        return any(entry.override for entry in self.addresses)


class ScopeView(Reply):
    """The emails that a rule is about. No topics: all topics; no namespaces: all namespaces."""

    topics: list[str]
    namespaces: list[str]

    @classmethod
    def of(cls, scope: Scope) -> "ScopeView":
        return cls(topics=sorted(scope.topics), namespaces=sorted(scope.namespaces))


class ReasonView(Reply):
    """One reason in force: since when, and when it was last stated. ``speaker`` is the party it belongs to."""

    reason: Reason
    speaker: Speaker
    since: str
    last_stated_at: str


class CauseView(ReasonView):
    """One reason of a record, with its text and its origin."""

    why: str
    via: str
    actor: str

    @classmethod
    def all(cls, record: Suppression) -> "list[CauseView]":
        return [
            cls(
                reason=cause.reason,
                speaker=cause.reason.speaker,
                since=iso(cause.since),
                last_stated_at=iso(cause.last),
                why=cause.why,
                via=cause.via,
                actor=cause.actor,
            )
            for cause in record.causes
        ]


class RuleView(Reply):
    """A rule that stops the email. ``decides`` marks the strongest one. ``reason`` is the one that stops this email,
    ``reasons`` are all that are in force."""

    id: str
    scope: ScopeView
    reason: Reason
    since: str
    decides: bool
    reasons: list[ReasonView]

    @classmethod
    def all(cls, rules: Sequence[Rule]) -> "list[RuleView]":
        return [
            cls(
                id=str(rule.entry.number),
                scope=ScopeView.of(rule.scope),
                reason=rule.reason,
                since=iso(rule.since),
                decides=place == 0,
                reasons=[
                    ReasonView(
                        reason=reason,
                        speaker=reason.speaker,
                        since=iso(stated.since),
                        last_stated_at=iso(stated.last),
                    )
                    for reason, stated in rule.entry.reasons.items()
                ],
            )
            for place, rule in enumerate(rules)
        ]


class CheckResult(Reply):
    """Whether an email may be sent. ``since`` is the time of the deciding rule; ``since`` and ``rules`` are also given
    when an override applies."""

    email: str
    allowed: bool
    overridden: bool
    since: str | None
    rules: list[RuleView]

    @classmethod
    def of(cls, entry: CheckItem, decision: Decision) -> "CheckResult":
        return cls(
            email=entry.email.original,
            allowed=decision.allowed or entry.override,
            overridden=entry.override and not decision.allowed,
            since=iso_or_none(decision.since),
            rules=RuleView.all(decision.rules),
        )


class CheckReply(Reply):
    """One result per email, in the order of the request."""

    results: list[CheckResult]


class ChangeView(Reply):
    """One change of a record. ``reason`` and ``why`` describe the record. ``note`` and ``about`` (the reasons that were
    added, repeated or removed) describe the change."""

    id: str
    version: int
    revision: int
    action: Action
    at: str
    scope: ScopeView
    reason: Reason
    why: str
    about: list[Reason]
    note: str
    via: str
    actor: str
    user_agent: str
    ip_hash: str
    sentence: str

    @classmethod
    def all(cls, changes: Sequence[Change]) -> "list[ChangeView]":
        return [
            cls(
                id=str(change.record.number),
                version=change.version,
                revision=change.record.revision,
                action=change.action,
                at=iso(change.at),
                scope=ScopeView.of(change.record.scope),
                reason=change.record.reason,
                why=change.record.why,
                about=list(change.reasons),
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
    """All changes of one record, oldest first."""

    id: str
    email: str
    in_force: bool
    history: list[ChangeView]

    @classmethod
    def of(cls, changes: Sequence[Change]) -> "History":
        last = changes[-1]
        return cls(
            id=str(last.record.number),
            email=last.record.address.original,
            in_force=last.action is not Action.LIFTED,
            history=ChangeView.all(changes),
        )


class Verdict(Reply):
    """Whether an email of this class may be sent."""

    allowed: bool
    since: str | None
    rules: list[RuleView]

    @classmethod
    def of(cls, decision: Decision) -> "Verdict":
        return cls(allowed=decision.allowed, since=iso_or_none(decision.since), rules=RuleView.all(decision.rules))


class Record(Reply):
    """A suppression in force. ``reason`` and ``why`` are the strongest reason and its text, ``reasons`` are all."""

    id: str
    email: str
    scope: ScopeView
    reason: Reason
    why: str
    reasons: list[CauseView]
    since: str
    modified_at: str
    revision: int

    @classmethod
    def of(cls, record: Suppression) -> "Record":
        return cls(
            id=str(record.number),
            email=record.address.original,
            scope=ScopeView.of(record.scope),
            reason=record.reason,
            why=record.why,
            reasons=CauseView.all(record),
            since=iso(record.created),
            modified_at=iso(record.modified),
            revision=record.revision,
        )


class ExplanationView(Reply):
    """Why an address is, or was, suppressed. ``story`` has the changes up to that time, oldest first."""

    email: str
    at: str
    topic: str | None
    namespace: str | None
    marketing: Verdict
    transactional: Verdict
    in_force: list[Record]
    story: list[ChangeView]

    @classmethod
    def of(cls, found: Explanation, at: int, topic: str | None, namespace: str | None) -> "ExplanationView":
        marketing, transactional = (Mail(topic, namespace, kind) for kind in MessageClass)
        return cls(
            email=found.state.address.original,
            at=iso(at),
            topic=topic,
            namespace=namespace,
            marketing=Verdict.of(decide(found.state, marketing)),
            transactional=Verdict.of(decide(found.state, transactional)),
            in_force=[Record.of(record) for record in found.records],
            story=ChangeView.all(found.story),
        )
