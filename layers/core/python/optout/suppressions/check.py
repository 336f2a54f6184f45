"""Asking the list: may this mail go to this address?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from optout.address import Address
from optout.scope import EVERYTHING, Mail, Scope
from optout.suppressions.suppression import AddressState, InForce, Rule, Suppressions

AT_ONCE = 100  # states


@dataclass(frozen=True, slots=True)
class Decision:
    """May a mail go? ``rules`` are all that stop it; the first one decides."""

    rules: Sequence[Rule] = ()

    @property
    def allowed(self) -> bool:
        return not self.rules

    @property
    def since(self) -> int | None:
        """Since when the deciding rule stops it, in epoch milliseconds."""
        return self.rules[0].since if self.rules else None


def decide(state: AddressState, mail: Mail) -> Decision:
    """What the state of an address says about a mail."""
    return Decision(state.rules_against(mail))


def states_of(
    suppressions: Suppressions, workspace: str, addresses: Iterable[Address]
) -> Mapping[Address, AddressState]:
    """The states of any number of addresses, strongly consistent; one that cannot be read fails all."""
    asked = list(dict.fromkeys(addresses))
    found: dict[Address, AddressState] = {}
    for start in range(0, len(asked), AT_ONCE):
        found |= suppressions.states(workspace, asked[start : start + AT_ONCE])
    return found


def check(suppressions: Suppressions, workspace: str, address: Address, within: Scope = EVERYTHING) -> InForce | None:
    """The oldest rule that meets a scope (everything: any rule at all); None is a no.

    A yes comes from the email index. An index may lag, and a late no would mail somebody who has left, so a no is
    given only by the strongly consistent state.
    """
    records = suppressions.for_email(workspace, address)
    indexed = {record.scope: InForce.of(record) for record in records}
    return _oldest(indexed, within) or _oldest(suppressions.state(workspace, address).in_force, within)


def _oldest(in_force: Mapping[Scope, InForce], within: Scope) -> InForce | None:
    rules = (entry for scope, entry in in_force.items() if scope.meets(within))
    return min(rules, key=lambda rule: rule.since, default=None)
