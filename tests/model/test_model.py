"""Every dialect, in any order, against one reference: no answer of the product may differ from it.

20,000 steps by default; MODEL_STEPS=500000 asks for more. The stores are the in-memory ones, which keep the same
contract as DynamoDB's (tests/adapters); everything above them is what is deployed.
"""

import importlib
import os
from dataclasses import replace
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
from optout.messages.link_token import Link, LinkScope, Purpose, mint
from optout.number import from_object_id, to_meteor_id, to_object_id, to_uuid
from optout.origin import Origin
from optout.scope import EVERYTHING, Mail, MessageClass, Scope, newsletter_topic, trigger_scope
from optout.subscribers.subscribe import subscribe
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.wiring import access
from optout.wiring.campaigns import campaigns
from optout.wiring.links import link_keys
from optout.wiring.subscribers import subscribers
from optout.wiring.suppressions import suppressions
from tests.model.reference import MAY_REMOVE, NEWSLETTER, OF_THE_PERSON, Member, Reference, meets
from tests.support.fakes import InMemoryCampaigns, InMemoryCredentials, InMemorySubscribers, InMemorySuppressions
from tests.support.handlers.calls import Answer, call, load
from tests.support.samples import CONTENT, campaign

STEPS = int(os.environ.get("MODEL_STEPS", "20000"))
PER_RUN = 100
ENDPOINTS = [
    "repzo.create", "repzo.check", "repzo.get", "repzo.list", "repzo.delete", "repzo.remove",
    "mirasvit.create", "mirasvit.get", "mirasvit.list", "mirasvit.delete",
    "letterbucket.get", "letterbucket.unsubscribe", "letterbucket.update", "letterbucket.list",
    "rocketchat.unsubscribe", "native.suppressions.check", "links.one_click",
]  # fmt: skip
PEOPLE = ["ada@reader.example", "eve@reader.example", "bob@reader.example"]
SPARE = ["ada@elsewhere.example", "eve@elsewhere.example"]  # addresses to move to
ADDRESSES = [*PEOPLE, *SPARE]
SPELLINGS = {address: [address, address.upper(), address.title()] for address in ADDRESSES}
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
FEEDBACK = [Reason.BOUNCED, Reason.COMPLAINED, Reason.PROVIDER, Reason.PROVIDER_OPT_OUT]
LINK_KEYS = {1: b"a key of links"}

workspaces, people, addresses = map(st.sampled_from, (WORKSPACES, PEOPLE, ADDRESSES))
rights = st.sampled_from(list(MAY_REMOVE))
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
        self.members: dict[tuple[str, str], Member] = {}
        self.campaigns = InMemoryCampaigns()
        for number, workspace in enumerate(WORKSPACES, 1):
            own = replace(campaign(number), workspace=workspace, topic=newsletter_topic("weekly"))
            self.campaigns.create(own, CONTENT)
        for workspace, dialects in KEYS.items():
            self.subscribers.open_newsletter(workspace, "weekly")
            for dialect, headers in dialects.items():
                key = next(iter(headers.values())).removeprefix("Bearer ")
                user = headers.get("x-user-id", "")
                for more in MAY_REMOVE:
                    granted = frozenset({"api", "subscribers", "send-mail", *more.split()})
                    hashed = hash_key("-".join([key, *more.split()]))
                    credential = Credential(hashed, workspace, dialect, user, granted, "weekly", limits={ANY: ()})
                    self.credentials.add(credential)
            for person in PEOPLE:
                made = subscribe(self.subscribers, workspace, "weekly", Address.parse(person), name="")
                self.members[workspace, person] = Member(made.number, made.created, person)
        for function in ENDPOINTS:
            app = importlib.import_module(function).app
            app.dependency_overrides[suppressions] = lambda: self.suppressions
            app.dependency_overrides[subscribers] = lambda: self.subscribers
            app.dependency_overrides[campaigns] = lambda: self.campaigns
            app.dependency_overrides[link_keys] = lambda: LINK_KEYS

    def call(self, workspace: str, function: str, *, query: str = "", rights: str = "", **changes: Any) -> Answer:
        event = load(function)
        event |= {"rawQueryString": query, "queryStringParameters": dict(parse_qsl(query))}
        own = dict(KEYS[workspace].get(function.partition(".")[0], {}))
        for header in own.keys() - {"x-user-id"}:
            own[header] = "-".join([own[header], *rights.split()])
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

    @rule(workspace=workspaces, pick=picks, rights=rights)
    def repzo_get_and_delete(self, workspace: str, pick: int, rights: str) -> None:
        number = self.some_number(workspace, pick)
        reference = self.references[workspace]
        found = reference.find(number)
        got = self.call(workspace, "repzo.get", path_id=to_object_id(number))
        assert got.status == (200 if found else 404)
        if pick % 2:
            return
        answer = self.call(workspace, "repzo.delete", rights=rights, path_id=to_object_id(number))
        if found is None:
            assert answer.status == 404
        elif reference.remove(number, MAY_REMOVE[rights]):
            assert (answer.status, answer.json) == (200, {"success": True})
        else:
            assert answer.status == 403

    @rule(workspace=workspaces, chosen=st.lists(picks, max_size=3), rights=rights)
    def repzo_remove(self, workspace: str, chosen: list[int], rights: str) -> None:
        """All or none."""
        numbers = [self.some_number(workspace, pick) for pick in chosen]
        reference = self.references[workspace]
        found = {number: rule for number in numbers if (rule := reference.find(number))}
        ids = [to_object_id(number) for number in numbers]
        answer = self.call(workspace, "repzo.remove", rights=rights, json_body={"ids": ids})
        if any(rule.reasons - MAY_REMOVE[rights] for rule in found.values()):
            assert answer.status == 403
            return
        assert answer.status == 200
        for number in found:
            assert reference.remove(number, MAY_REMOVE[rights])

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

    @rule(workspace=workspaces, pick=picks, rights=rights)
    def mirasvit_get_and_delete(self, workspace: str, pick: int, rights: str) -> None:
        number = self.some_number(workspace, pick)
        reference = self.references[workspace]
        shown = number in reference.numbers(expressible_as_trigger=True)
        got = self.call(workspace, "mirasvit.get", path_id=str(number))
        assert got.status == (200 if shown else 404)
        if pick % 2:
            return
        answer = self.call(workspace, "mirasvit.delete", rights=rights, path_id=str(number))
        if not shown:
            assert answer.status == 404
        elif reference.remove(number, MAY_REMOVE[rights]):
            assert (answer.status, answer.text) == (200, "true")
        else:
            assert answer.status == 400

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
        self.left(workspace, member, NEWSLETTER, Reason.UNSUBSCRIBED)

    def left(self, workspace: str, member: Member, scope: Scope, reason: Reason) -> None:
        """A subscriber's opt-out is about every address that an email may have gone to."""
        for address in (*member.former, member.address):
            state = self.suppressions.state(workspace, Address.parse(address))
            self.references[workspace].suppress(address, scope, reason, state.in_force[scope].number)

    @rule(workspace=workspaces, person=people, rights=rights)
    def letterbucket_activate(self, workspace: str, person: str, rights: str) -> None:
        reference, member, may = self.references[workspace], self.members[workspace, person], MAY_REMOVE[rights]
        stopping = reference.stopping(member.address, [Mail(newsletter_topic("weekly"))])
        own = stopping.pop(NEWSLETTER, None)
        body, path_id = {"status": "active"}, to_uuid(member.number)
        answer = self.call(workspace, "letterbucket.update", rights=rights, path_id=path_id, json_body=body)
        if stopping or (own and own.reasons - may):
            assert (answer.status, answer.json["code"]) == (422, "email_suppressed")
            return
        assert (answer.status, answer.json["data"]["status"]) == (200, "active")
        if own:
            assert reference.remove(own.number, may)

    @rule(workspace=workspaces, person=people, address=addresses, spelling=picks)
    def letterbucket_move(self, workspace: str, person: str, address: str, spelling: int) -> None:
        """Who left stays away under the new address, by the word of the same speaker."""
        reference, member = self.references[workspace], self.members[workspace, person]
        others = [
            one.address for key, one in self.members.items() if key != (workspace, person) and key[0] == workspace
        ]
        body = {"email": SPELLINGS[address][spelling % 3]}
        answer = self.call(workspace, "letterbucket.update", path_id=to_uuid(member.number), json_body=body)
        if address in others:
            assert (answer.status, answer.json["code"]) == (422, "email_already_subscribed")
            return
        assert (answer.status, answer.json["data"]["email"]) == (200, body["email"])
        if address == member.address:
            return
        if stopping := reference.stopping(member.address, [Mail(newsletter_topic("weekly"))]):
            spoken = any(rule.reasons & OF_THE_PERSON for rule in stopping.values())
            state = self.suppressions.state(workspace, Address.parse(address))
            reason = Reason.ONE_CLICK if spoken else Reason.UNSUBSCRIBED
            reference.suppress(address, NEWSLETTER, reason, state.in_force[NEWSLETTER].number)
        member.move(address)

    @rule(workspace=workspaces, person=people, scope=st.sampled_from(LinkScope))
    def click(self, workspace: str, person: str, scope: LinkScope) -> None:
        """The link in an email of the workspace's campaign about the newsletter."""
        member = self.members[workspace, person]
        link = Link(WORKSPACES.index(workspace) + 1, member.number, scope)
        answer = self.call(workspace, "links.one_click", path_id=mint(LINK_KEYS, Purpose.UNSUBSCRIBE, link))
        assert answer.status == 200
        self.left(workspace, member, NEWSLETTER if scope is LinkScope.TOPIC else EVERYTHING, Reason.ONE_CLICK)

    @rule(workspace=workspaces)
    def letterbucket_list(self, workspace: str) -> None:
        reference, mail = self.references[workspace], Mail(newsletter_topic("weekly"))
        present = [self.members[workspace, person].address for person in PEOPLE]
        expected = {address: bool(reference.stopping(address, [mail])) for address in present}
        answer = self.call(workspace, "letterbucket.list")
        assert {row["email"].lower(): row["status"] == "unsubscribed" for row in answer.json["data"]} == expected
        assert answer.json["pagination"]["total"] == len(PEOPLE)
        left = self.call(workspace, "letterbucket.list", query="status=unsubscribed")
        assert {row["email"].lower() for row in left.json["data"]} == {
            who for who, is_out in expected.items() if is_out
        }

    @rule(workspace=workspaces, person=people, off=st.sampled_from([0, 0, 1]))
    def rocketchat_unsubscribe(self, workspace: str, person: str, off: int) -> None:
        """A request with the wrong creation time changes nothing, and its response does not say so."""
        member = self.members[workspace, person]
        body = {"_id": to_meteor_id(member.number), "createdAt": str(member.created + off)}
        answer = self.call(workspace, "rocketchat.unsubscribe", json_body=body)
        assert (answer.status, answer.json) == (200, {"success": True})
        if not off:
            self.left(workspace, member, EVERYTHING, Reason.UNSUBSCRIBED)

    @rule(workspace=workspaces, person=addresses, reason=st.sampled_from(FEEDBACK), often=picks)
    def feedback(self, workspace: str, person: str, reason: Reason, often: int) -> None:
        """Rarely, because few keys may undo it."""
        if often % 4:
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
                stored = {scope: (entry.number, set(entry.reasons)) for scope, entry in state.in_force.items()}
                assert stored == {scope: (rule.number, rule.reasons) for scope, rule in rules.items()}
                assert all(entry.reason in rules[scope].strongest for scope, entry in state.in_force.items())
                for record in self.suppressions.for_email(workspace, Address.parse(person)):
                    assert (record.number, set(record.reasons)) == stored[record.scope]
                assert state.version == len(list(self.suppressions.history(workspace, Address.parse(person))))


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
