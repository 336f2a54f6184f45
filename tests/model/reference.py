"""The simplest possible suppression list, as the reference for the product, step by step."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from optout.scope import EVERYTHING, Mail, MessageClass, Scope, newsletter_topic
from optout.suppressions.reason import Reason

NEWSLETTER = Scope.of([newsletter_topic("weekly")])
STOPS_TRANSACTIONAL = {Reason.BOUNCED, Reason.COMPLAINED, Reason.PROVIDER}
OF_THE_PERSON = {Reason.ONE_CLICK, Reason.PROVIDER_OPT_OUT, Reason.COMPLAINED}
RANK = [  # those that this model knows, weakest first; equals share a place
    {Reason.PROVIDER},
    {Reason.UNSUBSCRIBED, Reason.ONE_CLICK, Reason.PROVIDER_OPT_OUT},
    {Reason.BOUNCED},
    {Reason.COMPLAINED},
]
MAY_REMOVE = {  # by the permissions of a key
    "": {Reason.UNSUBSCRIBED},
    "override": {Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.PROVIDER},
    "remove-own-opt-out": {Reason.UNSUBSCRIBED, Reason.ONE_CLICK, Reason.PROVIDER_OPT_OUT},
    "override remove-own-opt-out": set(Reason),
}


@dataclass
class Rule:
    """One scope in force for one address, for each of these reasons."""

    number: int
    reasons: set[Reason]

    @property
    def strongest(self) -> set[Reason]:
        """The reasons that may be called the strongest."""
        return next(place & self.reasons for place in reversed(RANK) if place & self.reasons)


@dataclass
class Member:
    """A subscriber: the present address, and those that were given up, the latest first."""

    number: int
    created: int
    address: str
    former: list[str] = field(default_factory=list)

    def move(self, address: str) -> None:
        known = [self.address, *self.former]
        self.address, self.former = address, [one for one in known if one != address]


@dataclass
class Reference:
    """One workspace: address to scope to rule."""

    people: dict[str, dict[Scope, Rule]] = field(default_factory=dict)
    lifted: set[int] = field(default_factory=set)

    def rules(self, address: str) -> dict[Scope, Rule]:
        return self.people.setdefault(address, {})

    def suppress(self, address: str, scope: Scope, reason: Reason, number: int) -> None:
        """The returned number must be the stored one, or one that never existed."""
        rule = self.rules(address).get(scope)
        if rule is None:
            assert number not in self.lifted
            assert number not in self.numbers()
            self.rules(address)[scope] = Rule(number, {reason})
            return
        assert rule.number == number
        rule.reasons.add(reason)

    def find(self, number: int) -> Rule | None:
        every = (rule for rules in self.people.values() for rule in rules.values())
        return next((rule for rule in every if rule.number == number), None)

    def remove(self, number: int, may: Collection[Reason]) -> bool:
        """Whether all is removed. What stays keeps the record in force."""
        rule = self.find(number)
        assert rule is not None
        rule.reasons -= set(may)
        if not rule.reasons:
            for rules in self.people.values():
                for scope in [scope for scope, one in rules.items() if one is rule]:
                    del rules[scope]
            self.lifted.add(number)
        return not rule.reasons

    def numbers(self, *, expressible_as_trigger: bool = False) -> list[int]:
        found = [
            rule.number
            for rules in self.people.values()
            for scope, rule in rules.items()
            if not expressible_as_trigger or scope == EVERYTHING or scope.trigger is not None
        ]
        return sorted(found)

    def stopping(self, address: str, mails: Iterable[Mail]) -> dict[Scope, Rule]:
        """The rules that stop at least one of the emails."""
        return {
            scope: rule
            for scope, rule in self.rules(address).items()
            for mail in mails
            if _covers(scope, mail)
            and (mail.message_class is MessageClass.MARKETING or rule.reasons & STOPS_TRANSACTIONAL)
        }


def _covers(scope: Scope, mail: Mail) -> bool:
    topic_fits = mail.topic in scope.topics if scope.topics else True
    namespace_fits = mail.namespace in scope.namespaces if scope.namespaces else True
    return topic_fits and namespace_fits


def meets(scope: Scope, types: Iterable[str], namespaces: Iterable[str]) -> bool:
    """Whether a query by types and namespaces includes this scope; an empty query includes all."""
    of_types = not list(types) or not scope.topics or bool(scope.topics & set(types))
    of_namespaces = not list(namespaces) or not scope.namespaces or bool(scope.namespaces & set(namespaces))
    return of_types and of_namespaces
