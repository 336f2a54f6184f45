"""Request and reply models of the check. Ids are strings, times are ISO 8601 in UTC."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from native.suppressions.sentences import undeliverable
from native.values import Kind, Name, iso_or_none
from optout.runtime.fields import Body, Email, Reply, iso
from optout.scope import Mail, MessageClass, Scope
from optout.suppressions.check import Decision, DenialReason
from optout.suppressions.reason import Reason, Speaker
from optout.suppressions.state import Rule

MOST_OVERRIDES = 100
MOST_RULES = 50  # shown of one address


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


class RuleView(Reply):
    """A rule that stops the email: at most 50 are shown, the strongest first. ``decides`` marks the strongest one.
    ``reason`` is the one that stops this email, ``reasons`` are all that are in force."""

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
            for place, rule in enumerate(rules[:MOST_RULES])
        ]


class CheckResult(Reply):
    """Whether an email may be sent. ``reason`` is the reason of the deciding rule, ``since`` its time; ``reason``,
    ``since`` and ``rules`` are also given when an override applies. If no rule stops the email, but SES cannot deliver
    to the address, ``reason`` is ``undeliverable``."""

    email: str
    allowed: bool
    reason: DenialReason | None
    deliverable: bool
    overridden: bool
    since: str | None
    rules: list[RuleView]
    problem: str | None = Field(description="Why nothing can be delivered to the address; otherwise null.")

    @classmethod
    def of(cls, entry: CheckItem, decision: Decision) -> "CheckResult":
        overridden = entry.override and decision.deliverable and not decision.allowed
        return cls(
            email=entry.email.original,
            allowed=decision.allowed or overridden,
            reason=decision.reason,
            deliverable=decision.deliverable,
            overridden=overridden,
            since=iso_or_none(decision.since),
            rules=RuleView.all(decision.rules),
            problem=undeliverable(entry.email),
        )


class CheckReply(Reply):
    """One result per email, in the order of the request."""

    results: list[CheckResult]
