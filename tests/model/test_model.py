"""Every dialect, in any order, against one reference: no answer of the product may differ from it.

20,000 steps by default; MODEL_STEPS=500000 asks for more. The stores are the in-memory ones, which keep the same
contract as DynamoDB's (tests/adapters); everything above them is what is deployed.
"""

import importlib
import os
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from optout.access.credential import Credential, hash_key
from optout.access.limit import ANY
from optout.address import Address
from optout.number import from_object_id, to_meteor_id, to_object_id, to_uuid
from optout.origin import Origin
from optout.scope import EVERYTHING, Mail, MessageClass, Scope, newsletter_topic, trigger_scope
from optout.subscribers.subscribe import subscribe
from optout.subscribers.subscriber import Subscriber
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Reason
from optout.wiring import access
from optout.wiring.subscribers import subscribers
from optout.wiring.suppressions import suppressions
from tests.model.reference import NEWSLETTER, PROTECTED, Reference, meets
from tests.support.fakes import InMemoryCredentials, InMemorySubscribers, InMemorySuppressions
from tests.support.handlers.calls import Answer, call, load

STEPS = int(os.environ.get("MODEL_STEPS", "20000"))
PER_RUN = 100
ENDPOINTS = [
    "repzo.create", "repzo.check", "repzo.get", "repzo.list", "repzo.delete", "repzo.remove",
    "mirasvit.create", "mirasvit.get", "mirasvit.list", "mirasvit.delete",
    "letterbucket.get", "letterbucket.unsubscribe", "letterbucket.update", "letterbucket.list",
    "rocketchat.unsubscribe", "native.suppressions.check",
]  # fmt: skip
PEOPLE = ["ada@reader.example", "eve@reader.example", "bob@reader.example"]
SPELLINGS = {person: [person, person.upper(), person.title()] for person in PEOPLE}
WORKSPACES = ["acme", "globex"]
KEYS = {
    workspace: {
        "repzo": {"api-key": f"repzo-{workspace}"},
        "mirasvit": {"authorization": f"Bearer mirasvit-{workspace}"},
        "letterbucket": {"authorization": f"Bearer letterbucket-{workspace}"},
        "rocketchat": {"x-auth-token": f"rocketchat-{workspace}", "x-user-id": "rYNQ7mvHv2hPpLDyy"},
        "native": {"authorization": f"Bearer native-{workspace}"},
    }
    for workspace in WORKSPACES
}
TYPES = ["all", "marketing", newsletter_topic("weekly"), "trigger:7"]
NAMESPACES = ["shop", "blog"]

workspaces, people = st.sampled_from(WORKSPACES), st.sampled_from(PEOPLE)
types = st.lists(st.sampled_from(TYPES), max_size=2, unique=True)
namespaces = st.lists(st.sampled_from(NAMESPACES), max_size=2, unique=True)
picks = st.integers(0, 1_000)


class Model(RuleBasedStateMachine):
    """Random steps over both workspaces."""

    steps = 0  # taken by all runs together

    @initialize()
    def empty(self) -> None:
        self.credentials, self.subscribers = InMemoryCredentials(), InMemorySubscribers()
        self.suppressions = InMemorySuppressions()
        self.references = {workspace: Reference() for workspace in WORKSPACES}
        self.members: dict[tuple[str, str], Subscriber] = {}
        self.gone: list[int] = []
        for workspace, dialects in KEYS.items():
            self.subscribers.open_newsletter(workspace, "weekly")
            for dialect, headers in dialects.items():
                key = next(iter(headers.values())).removeprefix("Bearer ")
                granted = frozenset({"api", "subscribers", "send-mail"})
                user = headers.get("x-user-id", "")
                credential = Credential(hash_key(key), workspace, dialect, user, granted, "weekly", limits={ANY: ()})
                self.credentials.add(credential)
            for person in PEOPLE:
                self.members[workspace, person] = subscribe(
                    self.subscribers, workspace, "weekly", Address.parse(person), name=""
                )
        for function in ENDPOINTS:
            app = importlib.import_module(function).app
            app.dependency_overrides[suppressions] = lambda: self.suppressions
            app.dependency_overrides[subscribers] = lambda: self.subscribers

    def call(self, workspace: str, function: str, *, query: str = "", **changes: Any) -> Answer:
        event = load(function)
        event |= {"rawQueryString": query, "queryStringParameters": dict(parse_qsl(query))}
        own = KEYS[workspace][function.partition(".")[0]]
        with patch.object(access, "credentials", lambda: self.credentials):
            return call(function, event, credentials=own, **changes)

    def some_number(self, workspace: str, pick: int) -> int:
        """The number of a record: in force here or in the other workspace, lifted, or unknown."""
        known = [number for reference in self.references.values() for number in reference.numbers()]
        known += [*sorted(self.references[workspace].lifted)[-2:], 12345]
        return known[pick % len(known)]

    @rule(workspace=workspaces, person=people, spelling=picks, types=types, namespaces=namespaces)
    def repzo_create(self, workspace: str, person: str, spelling: int, types: list[str], namespaces: list[str]) -> None:
        email = SPELLINGS[person][spelling % 3]
        body = {"email": email, "unsubscribe_types": types or ["all"], "company_namespace": namespaces}
        answer = self.call(workspace, "repzo.create", json_body=body)
        assert answer.status == 201
        scope = Scope.of(() if "all" in (types or ["all"]) else types, namespaces)
        number = from_object_id(answer.json["data"]["_id"])
        assert number is not None
        self.references[workspace].suppress(person, scope, Reason.UNSUBSCRIBED, number)

    @rule(workspace=workspaces, person=people, spelling=picks, types=types, namespaces=namespaces)
    def repzo_check(self, workspace: str, person: str, spelling: int, types: list[str], namespaces: list[str]) -> None:
        email = SPELLINGS[person][spelling % 3]
        body = {"email": email, "unsubscribe_types": types, "company_namespace": namespaces}
        answer = self.call(workspace, "repzo.check", json_body=body)
        reference = self.references[workspace]
        expected = any(meets(scope, types, namespaces) for scope in reference.rules(person))
        assert (answer.status, answer.json["data"]["is_unsubscribed"]) == (200, expected)

    @rule(workspace=workspaces, pick=picks)
    def repzo_get_and_delete(self, workspace: str, pick: int) -> None:
        number = self.some_number(workspace, pick)
        reference = self.references[workspace]
        found = reference.find(number)
        got = self.call(workspace, "repzo.get", path_id=to_object_id(number))
        assert got.status == (200 if found else 404)
        if pick % 2:
            return
        answer = self.call(workspace, "repzo.delete", path_id=to_object_id(number))
        if found is None:
            assert answer.status == 404
        elif found[2].reason in PROTECTED:
            assert answer.status == 403
        else:
            assert (answer.status, answer.json) == (200, {"success": True})
            reference.lift(number)

    @rule(workspace=workspaces, chosen=st.lists(picks, max_size=3))
    def repzo_remove(self, workspace: str, chosen: list[int]) -> None:
        numbers = [self.some_number(workspace, pick) for pick in chosen]
        reference = self.references[workspace]
        found = {number: rule for number in numbers if (rule := reference.find(number))}
        answer = self.call(workspace, "repzo.remove", json_body={"ids": [to_object_id(number) for number in numbers]})
        if any(rule[2].reason in PROTECTED for rule in found.values()):
            assert answer.status == 403
            return
        assert answer.status == 200
        for number in found:
            reference.lift(number)

    @rule(workspace=workspaces, person=people)
    def repzo_list(self, workspace: str, person: str) -> None:
        reference = self.references[workspace]
        answer = self.call(workspace, "repzo.list", query="per_page=100")
        ids = [from_object_id(row["_id"]) for row in answer.json["data"]]
        assert ids == reference.numbers()[::-1][:100]
        assert answer.json["paging"]["total"] == len(reference.numbers())
        answer = self.call(workspace, "repzo.list", query=f"per_page=100&email={person.upper()}")
        ids = [from_object_id(row["_id"]) for row in answer.json["data"]]
        assert ids == sorted((rule.number for rule in reference.rules(person).values()), reverse=True)

    @rule(workspace=workspaces, person=people, trigger=st.sampled_from([0, 7, 8]))
    def mirasvit_create(self, workspace: str, person: str, trigger: int) -> None:
        body = {"unsubscription": {"email": person, "trigger_id": trigger}}
        answer = self.call(workspace, "mirasvit.create", json_body=body)
        assert (answer.status, answer.json["trigger_id"]) == (200, trigger)
        scope = trigger_scope(trigger)
        self.references[workspace].suppress(person, scope, Reason.UNSUBSCRIBED, answer.json["id"])

    @rule(workspace=workspaces, pick=picks)
    def mirasvit_get_and_delete(self, workspace: str, pick: int) -> None:
        number = self.some_number(workspace, pick)
        reference = self.references[workspace]
        shown = number in reference.numbers(expressible_as_trigger=True)
        got = self.call(workspace, "mirasvit.get", path_id=str(number))
        assert got.status == (200 if shown else 404)
        if pick % 2:
            return
        answer = self.call(workspace, "mirasvit.delete", path_id=str(number))
        found = reference.find(number)
        if not shown or found is None:
            assert answer.status == 404
        elif found[2].reason in PROTECTED:
            assert answer.status == 400
        else:
            assert (answer.status, answer.text) == (200, "true")
            reference.lift(number)

    @rule(workspace=workspaces, person=people)
    def mirasvit_list(self, workspace: str, person: str) -> None:
        reference = self.references[workspace]
        answer = self.call(workspace, "mirasvit.list")
        assert [row["id"] for row in answer.json["items"]] == reference.numbers(expressible_as_trigger=True)
        group = "searchCriteria[filter_groups][0][filters][0]"
        answer = self.call(workspace, "mirasvit.list", query=f"{group}[field]=email&{group}[value]={person}")
        own = {rule.number for rule in reference.rules(person).values()}
        assert [row["id"] for row in answer.json["items"]] == [
            number for number in reference.numbers(expressible_as_trigger=True) if number in own
        ]

    @rule(workspace=workspaces, person=people)
    def letterbucket_unsubscribe(self, workspace: str, person: str) -> None:
        member = self.members[workspace, person]
        answer = self.call(workspace, "letterbucket.unsubscribe", path_id=to_uuid(member.number))
        assert (answer.status, answer.json["data"]["status"]) == (200, "unsubscribed")
        state = self.suppressions.state(workspace, Address.parse(person))
        self.references[workspace].suppress(person, NEWSLETTER, Reason.UNSUBSCRIBED, state.in_force[NEWSLETTER].number)

    @rule(workspace=workspaces, person=people)
    def letterbucket_activate(self, workspace: str, person: str) -> None:
        reference = self.references[workspace]
        mail = Mail(newsletter_topic("weekly"))
        stopping = reference.stopping(person, [mail])
        own = stopping.get(NEWSLETTER)
        member = self.members[workspace, person]
        path_id = to_uuid(member.number)
        answer = self.call(workspace, "letterbucket.update", path_id=path_id, json_body={"status": "active"})
        if set(stopping) - {NEWSLETTER} or (own and own.reason in PROTECTED):
            assert (answer.status, answer.json["code"]) == (422, "email_suppressed")
            return
        assert (answer.status, answer.json["data"]["status"]) == (200, "active")
        if own:
            reference.lift(own.number)

    @rule(workspace=workspaces)
    def letterbucket_list(self, workspace: str) -> None:
        reference, mail = self.references[workspace], Mail(newsletter_topic("weekly"))
        expected = {person: bool(reference.stopping(person, [mail])) for person in PEOPLE}
        answer = self.call(workspace, "letterbucket.list")
        assert {row["email"]: row["status"] == "unsubscribed" for row in answer.json["data"]} == expected
        assert answer.json["pagination"]["total"] == len(PEOPLE)
        left = self.call(workspace, "letterbucket.list", query="status=unsubscribed")
        assert {row["email"] for row in left.json["data"]} == {who for who, is_out in expected.items() if is_out}

    @rule(workspace=workspaces, person=people, off=st.sampled_from([0, 0, 1]))
    def rocketchat_unsubscribe(self, workspace: str, person: str, off: int) -> None:
        """A request with the wrong creation time changes nothing, and its response does not say so."""
        member = self.members[workspace, person]
        body = {"_id": to_meteor_id(member.number), "createdAt": str(member.created + off)}
        answer = self.call(workspace, "rocketchat.unsubscribe", json_body=body)
        assert (answer.status, answer.json) == (200, {"success": True})
        if not off:
            state = self.suppressions.state(workspace, Address.parse(person))
            number = state.in_force[EVERYTHING].number
            self.references[workspace].suppress(person, EVERYTHING, Reason.UNSUBSCRIBED, number)

    @rule(workspace=workspaces, person=people, reason=st.sampled_from([Reason.BOUNCED, Reason.COMPLAINED]), often=picks)
    def feedback(self, workspace: str, person: str, reason: Reason, often: int) -> None:
        """Rarely, because it cannot be undone."""
        if often % 8:
            return
        done = suppress(
            self.suppressions, workspace, Address.parse(person), EVERYTHING, reason, Origin("feedback"), repeat=True
        )
        self.references[workspace].suppress(person, EVERYTHING, reason, done.record.number)

    @rule(
        workspace=workspaces,
        person=people,
        topic=st.sampled_from([None, *TYPES[1:]]),
        namespace=st.sampled_from([None, *NAMESPACES]),
        message_class=st.sampled_from(MessageClass),
    )
    def native_check(
        self, workspace: str, person: str, topic: str | None, namespace: str | None, message_class: MessageClass
    ) -> None:
        asked = {"email": person, "message_class": message_class.value}
        asked |= {name: value for name, value in (("topic", topic), ("namespace", namespace)) if value is not None}
        answer = self.call(workspace, "native.suppressions.check", json_body={"addresses": [asked]})
        expected = self.references[workspace].stopping(person, [Mail(topic, namespace, message_class)])
        (given,) = answer.json["results"]
        assert given["allowed"] is (not expected)
        assert {int(shown["id"]) for shown in given["rules"]} == {found.number for found in expected.values()}

    @invariant()
    def what_is_stored_is_what_the_napkin_says(self) -> None:
        Model.steps += 1
        for workspace, reference in self.references.items():
            for person, rules in reference.people.items():
                state = self.suppressions.state(workspace, Address.parse(person))
                stored = {scope: (entry.number, entry.reason) for scope, entry in state.in_force.items()}
                assert stored == {scope: (rule.number, rule.reason) for scope, rule in rules.items()}
                assert state.version == len(self.suppressions.history(workspace, Address.parse(person)))


@pytest.mark.filterwarnings("ignore:No application metrics to publish")
def test_every_dialect_agrees_with_the_reference() -> None:
    run_state_machine_as_test(
        Model,
        settings=settings(
            max_examples=2 + STEPS * 13 // (10 * PER_RUN),  # not every run takes all its steps
            stateful_step_count=PER_RUN,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Model.steps >= STEPS
