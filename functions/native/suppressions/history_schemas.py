"""Reply models of the history of an address: its records, changes and explanation."""

from collections.abc import Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from native.suppressions.schemas import MOST_RULES, ReasonView, RuleView, ScopeView
from native.suppressions.sentences import sentence, undeliverable
from native.values import iso_or_none
from optout.runtime.fields import Reply, iso
from optout.scope import Mail, MessageClass
from optout.suppressions.check import Decision, DenialReason, decide
from optout.suppressions.explain import Explanation
from optout.suppressions.history import History
from optout.suppressions.reason import Reason
from optout.suppressions.suppression import VERSIONS, Action, Change, Suppression
from optout.web.reply_size import LARGEST, page

AfterVersion = Annotated[int, Query(ge=1, le=VERSIONS, description="The `after` of the previous page.")]


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


class HistoryView(Reply):
    """The changes of one record, newest first. ``after`` is the parameter for the next page, and null on the last
    one."""

    id: str
    email: str
    in_force: bool
    history: list[ChangeView]
    after: int | None

    @classmethod
    def of(cls, found: History, limit: int) -> "HistoryView":
        changes, more = page(ChangeView.all(found.changes), limit)
        return cls(
            id=str(found.latest.record.number),
            email=found.latest.record.address.original,
            in_force=found.latest.action is not Action.LIFTED,
            history=list(changes),
            after=changes[-1].version if more else None,
        )


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


class Verdict(Reply):
    """Whether an email of this class may be sent; if not, why and since when."""

    allowed: bool
    reason: DenialReason | None
    since: str | None
    rules: list[RuleView]

    @classmethod
    def of(cls, decision: Decision) -> "Verdict":
        return cls(
            allowed=decision.allowed,
            reason=decision.reason,
            since=iso_or_none(decision.since),
            rules=RuleView.all(decision.rules),
        )


class ExplanationView(Reply):
    """Why an address is, or was, suppressed. ``in_force`` has at most 50 records, oldest first. ``story`` has the
    changes up to that time, newest first; ``after`` is the parameter for its next page, and null on the last one."""

    email: str
    at: str
    topic: str | None
    namespace: str | None
    deliverable: bool
    problem: str | None = Field(description="Why nothing can be delivered to the address; otherwise null.")
    marketing: Verdict
    transactional: Verdict
    in_force: list[Record]
    story: list[ChangeView]
    after: int | None

    @classmethod
    def of(cls, found: Explanation, at: int, topic: str | None, namespace: str | None, limit: int) -> "ExplanationView":
        marketing, transactional = (Mail(topic, namespace, kind) for kind in MessageClass)
        story, more = page(ChangeView.all(found.story), limit, LARGEST // 2)
        return cls(
            email=found.state.address.original,
            at=iso(at),
            topic=topic,
            namespace=namespace,
            deliverable=found.state.address.deliverable,
            problem=undeliverable(found.state.address),
            marketing=Verdict.of(decide(found.state, marketing)),
            transactional=Verdict.of(decide(found.state, transactional)),
            in_force=[Record.of(record) for record in found.records[:MOST_RULES]],
            story=list(story),
            after=story[-1].version if more else None,
        )
