"""Asking the list: may this mail go to this address?"""

from collections.abc import Mapping, Sequence

from optout.address import Address
from optout.scope import Mail, Scope
from optout.suppression import InForce, Suppressions


def check(suppressions: Suppressions, workspace: str, address: Address, mails: Sequence[Mail] = ()) -> InForce | None:
    """The oldest rule that stops one of these mails (with none given: any rule at all); None is a no.

    A yes comes from the email index. An index may lag, and a late no would mail somebody who has left, so a no is
    given only by the strongly consistent state.
    """
    records = suppressions.for_email(workspace, address)
    indexed = {record.scope: InForce(record.number, record.reason, record.created) for record in records}
    return _oldest(indexed, mails) or _oldest(suppressions.state(workspace, address).in_force, mails)


def _oldest(in_force: Mapping[Scope, InForce], mails: Sequence[Mail]) -> InForce | None:
    rules = (entry for scope, entry in in_force.items() if not mails or any(entry.stops(scope, mail) for mail in mails))
    return min(rules, key=lambda rule: rule.since, default=None)
