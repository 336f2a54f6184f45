"""Lifting one opt-out leaves every other one, whoever lifts it; and nobody lifts a bounce or a complaint."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from optout import number
from optout.address import Address
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope, newsletter_topic, trigger_scope
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Action
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, call

ADA = Address.parse("ada@reader.example")
NEWSLETTER = Scope.of([newsletter_topic(examples.NEWSLETTER)])
MARKETING = Scope.of(["marketing"], ["shop"])
OTHERS = [MARKETING, trigger_scope(9)]
PROTECTED = [Reason.BOUNCED, Reason.COMPLAINED]


@dataclass(frozen=True)
class Lift:
    """A way to lift one scope by its record's number, and how it refuses what is protected."""

    name: str
    scope: Scope
    lift: Callable[[int], Answer]
    refusal: int


def _activate(_: int) -> Answer:
    path_id = number.to_uuid(examples.SUBSCRIBER)
    return call("letterbucket.update", path_id=path_id, json_body={"status": "active"})


LIFTS = [
    Lift("repzo.delete", trigger_scope(5), lambda of: call("repzo.delete", path_id=number.to_object_id(of)), 403),
    Lift(
        "repzo.remove",
        EVERYTHING,
        lambda of: call("repzo.remove", json_body={"ids": [number.to_object_id(of)]}),
        403,
    ),
    Lift("mirasvit.delete", trigger_scope(5), lambda of: call("mirasvit.delete", path_id=str(of)), 400),
    Lift("mirasvit.delete", EVERYTHING, lambda of: call("mirasvit.delete", path_id=str(of)), 400),
    Lift("letterbucket.update", NEWSLETTER, _activate, 422),
]


@pytest.fixture(params=LIFTS, ids=lambda lift: f"{lift.name} {lift.scope.key}")
def lift(request: pytest.FixtureRequest) -> Lift:
    found: Lift = request.param
    return found


def put(scope: Scope, reason: Reason = Reason.UNSUBSCRIBED, workspace: str = examples.WORKSPACE) -> int:
    done = suppress(suppressions(), workspace, ADA, scope, reason, Origin("command"))
    return done.record.number


def in_force(workspace: str = examples.WORKSPACE) -> set[Scope]:
    return set(suppressions().state(workspace, ADA).in_force)


@pytest.mark.usefixtures("aws")
def test_only_that_scope_is_lifted(lift: Lift) -> None:
    for scope in OTHERS:
        put(scope)
    put(lift.scope, workspace=examples.OTHER_WORKSPACE)
    assert lift.lift(put(lift.scope)).status == 200
    assert in_force() == set(OTHERS)
    assert in_force(examples.OTHER_WORKSPACE) == {lift.scope}


@pytest.mark.usefixtures("aws")
def test_the_history_tells_who_lifted_it(lift: Lift) -> None:
    record = put(lift.scope)
    lift.lift(record)
    last = list(suppressions().history(examples.WORKSPACE, ADA))[-1]
    assert (last.action, last.origin.via, last.record.number) == (
        Action.LIFTED,
        lift.name.partition(".")[0],
        record,
    )


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("reason", PROTECTED)
def test_a_bounce_or_a_complaint_stays(lift: Lift, reason: Reason) -> None:
    record = put(lift.scope, reason)
    assert lift.lift(record).status == lift.refusal
    assert in_force() == {lift.scope}


@pytest.mark.usefixtures("aws")
def test_who_was_lifted_and_leaves_again_has_a_new_record(lift: Lift) -> None:
    record = put(lift.scope)
    lift.lift(record)
    assert put(lift.scope) > record
