"""The state of an address: all scopes in force, each with its reasons. A send reads nothing else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from optout.address import Address
from optout.scope import Mail, MessageClass, Scope
from optout.suppressions.reason import Reason


class Stated(NamedTuple):
    """Since when a reason is in force, and when it was last stated (epoch milliseconds)."""

    since: int
    last: int


@dataclass(frozen=True, slots=True)
class InForce:
    """The entry of a scope in force: record number, start (epoch milliseconds), and every reason."""

    number: int
    since: int
    reasons: Mapping[Reason, Stated]

    @property
    def reason(self) -> Reason:
        """The strongest reason."""
        return max(self.reasons, key=lambda reason: reason.strength)

    def reason_against(self, scope: Scope, mail: Mail) -> Reason | None:
        """The strongest reason for which this entry, in force for the scope, stops the email; None if it does not."""
        if not scope.covers(mail):
            return None
        is_marketing = mail.message_class is MessageClass.MARKETING
        stopping = [reason for reason in self.reasons if is_marketing or reason.stops_transactional]
        return max(stopping, key=lambda reason: reason.strength, default=None)

    def without(self, removable: Collection[Reason]) -> Self | None:
        """The entry without these reasons; None when none is left."""
        left = {reason: stated for reason, stated in self.reasons.items() if reason not in removable}
        return replace(self, reasons=left) if left else None

    def last_stated(self, reasons: Collection[Reason]) -> int:
        """When one of these reasons was last stated (epoch milliseconds); 0 when none is in force."""
        return max((stated.last for reason, stated in self.reasons.items() if reason in reasons), default=0)


class Rule(NamedTuple):
    """A scope, its entry, and the reason that stops the email."""

    scope: Scope
    entry: InForce
    reason: Reason

    @property
    def since(self) -> int:
        """The start of the reason, in epoch milliseconds."""
        return self.entry.reasons[self.reason].since


@dataclass(frozen=True, slots=True)
class AddressState:
    """All scopes in force for one address; ``version`` counts its history rows."""

    workspace: str
    address: Address
    version: int = 0
    in_force: Mapping[Scope, InForce] = field(default_factory=dict)

    def rules_against(self, mail: Mail) -> Sequence[Rule]:
        """All rules that stop an email: the strongest reason first, then the oldest."""
        rules = [
            Rule(scope, entry, reason)
            for scope, entry in self.in_force.items()
            if (reason := entry.reason_against(scope, mail))
        ]
        return sorted(rules, key=lambda rule: (-rule.reason.strength, rule.since, rule.entry.number))

    def stopping(self, mail: Mail) -> Rule | None:
        """The first rule that stops an email; None if it may be sent."""
        return next(iter(self.rules_against(mail)), None)
