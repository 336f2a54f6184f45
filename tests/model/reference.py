"""The simplest possible suppression list, as the reference for the product, step by step."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from optout.scope import EVERYTHING, Mail, MessageClass, Scope, newsletter_topic
from optout.suppressions.suppression import Reason

NEWSLETTER = Scope.of([newsletter_topic("weekly")])
PROTECTED = {Reason.BOUNCED, Reason.COMPLAINED}
RANK = [Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.COMPLAINED]  # those that this model knows, weakest first


@dataclass
class Rule:
    """One scope in force for one person."""

    number: int
    reason: Reason


@dataclass
class Reference:
    """One workspace: person to scope to rule."""

    people: dict[str, dict[Scope, Rule]] = field(default_factory=dict)
    lifted: set[int] = field(default_factory=set)

    def rules(self, person: str) -> dict[Scope, Rule]:
        return self.people.setdefault(person, {})

    def suppress(self, person: str, scope: Scope, reason: Reason, number: int) -> None:
        """The returned number must be the stored one, or one that never existed."""
        rule = self.rules(person).get(scope)
        if rule is None:
            assert number not in self.lifted
            assert number not in self.numbers()
            self.rules(person)[scope] = Rule(number, reason)
            return
        assert rule.number == number
        rule.reason = max(rule.reason, reason, key=RANK.index)

    def find(self, number: int) -> tuple[str, Scope, Rule] | None:
        everything = ((person, scope) for person, rules in self.people.items() for scope in rules)
        found = (((who, scope, self.people[who][scope])) for who, scope in everything)
        return next((one for one in found if one[2].number == number), None)

    def lift(self, number: int) -> None:
        found = self.find(number)
        assert found is not None
        person, scope, _ = found
        del self.people[person][scope]
        self.lifted.add(number)

    def numbers(self, *, expressible_as_trigger: bool = False) -> list[int]:
        found = [
            rule.number
            for rules in self.people.values()
            for scope, rule in rules.items()
            if not expressible_as_trigger or scope == EVERYTHING or scope.trigger is not None
        ]
        return sorted(found)

    def stopping(self, person: str, mails: Iterable[Mail]) -> dict[Scope, Rule]:
        """The rules that stop at least one of the emails."""
        return {
            scope: rule
            for scope, rule in self.rules(person).items()
            for mail in mails
            if _covers(scope, mail) and (rule.reason in PROTECTED or mail.message_class is MessageClass.MARKETING)
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
