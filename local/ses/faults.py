"""Fault injection, reproducible by seed.

A plan has rules for whole send calls, single bulk entries, events, and the outcomes of recipients. A rule applies with
a probability, or to listed numbers: the n-th send call, bulk entry, event or recipient since the plan was set, counted
from 1. Each decision depends only on the seed, the rule and that number, so the same plan and order of calls give the
same faults.
"""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from local.ses.outcomes import Outcome

Probability = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    probability: Probability = 0
    on: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        raise NotImplementedError


class CallFault(Rule):
    """A fault of a whole SendEmail or SendBulkEmail call, before or after its messages are accepted. ``hang_after``
    delays the response by ``seconds``; ``error_before`` and ``error_after`` respond with ``status``."""

    fault: Literal["throttle", "error_before", "error_after", "close_before", "close_after", "hang_after"]
    operations: frozenset[Literal["SendEmail", "SendBulkEmail"]] = frozenset({"SendEmail", "SendBulkEmail"})
    status: Literal[500, 503] = 500
    seconds: Seconds = 30

    @property
    def name(self) -> str:
        return self.fault


class EntryFault(Rule):
    """A bulk entry that fails with this status and is not accepted."""

    status: Literal["TRANSIENT_FAILURE", "ACCOUNT_THROTTLED", "FAILED", "MESSAGE_REJECTED"] = "TRANSIENT_FAILURE"

    @property
    def name(self) -> str:
        return self.status


class EventFault(Rule):
    """A fault of an event on its way to SNS or Firehose. ``delay`` publishes it ``seconds`` later, ``reorder`` after a
    random part of ``seconds``, ``duplicate`` publishes ``copies`` more of it."""

    fault: Literal["delay", "duplicate", "drop", "reorder"]
    kinds: frozenset[str] | None = None
    seconds: Seconds = 1
    copies: Annotated[int, Field(ge=1, le=100)] = 1

    @property
    def name(self) -> str:
        return self.fault


class PlannedOutcome(Rule):
    """The outcome of a recipient outside the mailbox simulator. A rule with ``recipients`` and no probability or
    numbers always applies."""

    outcome: Literal["hard_bounce", "soft_bounce", "auto_reply", "complaint", "delivery_delay", "globally_suppressed"]
    recipients: frozenset[str] | None = None

    @property
    def name(self) -> str:
        return self.outcome


class FaultPlan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    calls: list[CallFault] = []
    entries: list[EntryFault] = []
    events: list[EventFault] = []
    outcomes: list[PlannedOutcome] = []


class Faults:
    """The active plan, and counts of the faults that it has injected."""

    def __init__(self) -> None:
        self.set(FaultPlan())

    def set(self, plan: FaultPlan) -> None:
        self.plan = plan
        self.seen: Counter[str] = Counter()
        self.injected: Counter[str] = Counter()

    def call(self, operation: str) -> CallFault | None:
        number = self._number("calls")
        for index, rule in enumerate(self.plan.calls):
            if operation in rule.operations and self._strikes("calls", index, rule, number):
                return rule
        return None

    def entry(self) -> EntryFault | None:
        number = self._number("entries")
        for index, rule in enumerate(self.plan.entries):
            if self._strikes("entries", index, rule, number):
                return rule
        return None

    def outcome(self, recipient: str) -> Outcome | None:
        number = self._number("outcomes")
        for index, rule in enumerate(self.plan.outcomes):
            if rule.recipients is not None and recipient.lower() not in rule.recipients:
                continue
            # A rule with recipients and nothing else always applies.
            if rule.recipients is not None and not rule.probability and not rule.on:
                self.injected[f"outcomes.{rule.name}"] += 1
                return Outcome(rule.outcome)
            if self._strikes("outcomes", index, rule, number):
                return Outcome(rule.outcome)
        return None

    def event_delays(self, kind: str) -> Sequence[float]:
        """The delay in seconds of each copy of an event: one of 0 without a fault, none if the event is dropped."""
        number = self._number("events")
        delay, copies = 0.0, 1
        for index, rule in enumerate(self.plan.events):
            if (rule.kinds is not None and kind not in rule.kinds) or not self._strikes("events", index, rule, number):
                continue
            if rule.fault == "drop":
                return ()
            if rule.fault == "duplicate":
                copies += rule.copies
            else:
                delay += rule.seconds * (self._random("reorder", index, number) if rule.fault == "reorder" else 1)
        return (delay,) * copies

    def _number(self, section: str) -> int:
        self.seen[section] += 1
        return self.seen[section]

    def _strikes(self, section: str, index: int, rule: Rule, number: int) -> bool:
        by_chance = rule.probability > 0 and self._random(section, index, number) < rule.probability
        if number not in rule.on and not by_chance:
            return False
        self.injected[f"{section}.{rule.name}"] += 1
        return True

    def _random(self, section: str, index: int, number: int) -> float:
        return random.Random(f"{self.plan.seed}:{section}:{index}:{number}").random()
