"""Check the suppression list: may this email be sent to this address?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from optout.address import Address
from optout.scope import EVERYTHING, Mail, Scope
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState, InForce, Rule
from optout.suppressions.suppression import Suppressions

AT_ONCE = 100  # states that one read returns

DenialReason: TypeAlias = Reason | Literal["undeliverable"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an email may be sent. ``rules`` holds all rules that stop it; the first one is reported. Nothing can be
    sent to an address that is not ``deliverable``."""

    rules: Sequence[Rule] = ()
    deliverable: bool = True

    @property
    def allowed(self) -> bool:
        return self.deliverable and not self.rules

    @property
    def reason(self) -> DenialReason | None:
        """The reason of the first rule, or ``undeliverable``; None if the email may be sent."""
        if self.rules:
            return self.rules[0].reason
        return None if self.deliverable else "undeliverable"

    @property
    def since(self) -> int | None:
        """The start of the first rule, in epoch milliseconds."""
        return self.rules[0].since if self.rules else None


def decide(state: AddressState, mail: Mail) -> Decision:
    """Decide about an email by the state of its address."""
    return Decision(state.rules_against(mail), state.address.deliverable)


def states_of(
    suppressions: Suppressions, workspace: str, addresses: Iterable[Address]
) -> Mapping[Address, AddressState]:
    """The states of any number of addresses, strongly consistent; one failed read fails them all."""
    asked = list(dict.fromkeys(addresses))
    found: dict[Address, AddressState] = {}
    for start in range(0, len(asked), AT_ONCE):
        found |= suppressions.states(workspace, asked[start : start + AT_ONCE])
    return found


def check(suppressions: Suppressions, workspace: str, address: Address, within: Scope = EVERYTHING) -> InForce | None:
    """The oldest rule that overlaps a scope (`EVERYTHING`: any rule); None if the address is not suppressed.

    A rule may come from the email index. The index may lag, and a late opt-out would be ignored, so None is answered
    only after a strongly consistent read.
    """
    records = suppressions.for_email(workspace, address)
    indexed = {record.scope: record.entry for record in records}
    return _oldest(indexed, within) or _oldest(suppressions.state(workspace, address).in_force, within)


def _oldest(in_force: Mapping[Scope, InForce], within: Scope) -> InForce | None:
    rules = (entry for scope, entry in in_force.items() if scope.meets(within))
    return min(rules, key=lambda rule: rule.since, default=None)
