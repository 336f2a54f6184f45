"""The contract of `Suppressions`, kept by the fake and by DynamoDB alike."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from optout.address import Address
from optout.errors import Conflict
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState, Stated
from optout.suppressions.suppression import Action, Cause, Change, Suppression, Suppressions, View
from tests.aws.conftest import Stores

ADA = Address.parse("Ada@Example.com")
SCOPE = Scope.of(["marketing", "trigger:7"], ["sh\u00f6p"])
ORIGIN = Origin("link", "cid", "Mail/1.0", "192.0.2.7")


@pytest.fixture
def store(stores: Stores) -> Suppressions:
    return stores.suppressions


def record(number: int = 5, address: Address = ADA, scope: Scope = EVERYTHING) -> Suppression:
    cause = Cause(Reason.MANUAL, 1000, 1000, "native", "key", "by phone")
    return Suppression("acme", number, address, scope, (cause,), "curl", "192.0.2.1", 1000, 1000)


def put(
    store: Suppressions, made: Suppression, action: Action = Action.SUPPRESSED, before: AddressState | None = None
) -> Change:
    """Write one step on top of the state that is there, or on top of ``before``."""
    old = before or store.state(made.workspace, made.address)
    rest = {scope: entry for scope, entry in old.in_force.items() if scope != made.scope}
    if action is not Action.LIFTED:
        rest[made.scope] = made.entry
    after = replace(old, version=old.version + 1, in_force=rest)
    change = Change(action, after.version, 2000, ORIGIN, made, (made.reason,))
    store.commit(old, after, change)
    return change


def test_nothing_is_known_of_a_stranger(store: Suppressions) -> None:
    assert store.get("acme", 5) is None
    assert list(store.for_email("acme", ADA)) == []
    assert store.state("acme", ADA) == AddressState("acme", ADA)
    assert list(store.history("acme", ADA)) == []


def test_what_was_committed_is_read_back_whole(store: Suppressions) -> None:
    made = record(scope=SCOPE)
    put(store, made)
    assert store.get("acme", 5) == made
    assert list(store.for_email("acme", ADA)) == [made]
    assert store.state("acme", ADA) == AddressState("acme", ADA, 1, {SCOPE: record(scope=SCOPE).entry})


def test_every_reason_is_read_back_with_its_own_dates_origin_and_text(store: Suppressions) -> None:
    causes = (
        Cause(Reason.BOUNCED, 3000, 4000, "feedback", "", "Hard bounce"),
        Cause(Reason.ONE_CLICK, 1000, 1000, "link", "77"),
        Cause(Reason.IMPORTED, 2000, 2000, "native", "key", "list of 2019"),
    )
    made = replace(record(), causes=causes)
    put(store, made)
    assert store.get("acme", 5) == made
    (entry,) = store.state("acme", ADA).in_force.values()
    assert entry == made.entry
    assert (entry.reason, entry.reasons[Reason.BOUNCED]) == (Reason.BOUNCED, Stated(3000, 4000))
    (change,) = store.history("acme", ADA)
    assert change.record == made


@pytest.mark.parametrize(
    "address",
    [
        Address.parse("jos\u00e9@example.com"),
        Address.parse("ada@M\u00fcnchen.de", "xn--mnchen-3ya.de"),
        Address.parse('"a@b"@example.com'),
    ],
    ids=["local part", "domain", "quoted"],
)
def test_an_odd_address_is_read_back_whole(store: Suppressions, address: Address) -> None:
    put(store, record(address=address))
    assert [found.address for found in store.for_email("acme", address)] == [address]


def test_another_spelling_finds_the_same_state(store: Suppressions) -> None:
    put(store, record())
    other = Address.parse("ADA@EXAMPLE.com")
    assert store.state("acme", other).in_force == store.state("acme", ADA).in_force
    assert [found.address.original for found in store.for_email("acme", other)] == ["Ada@Example.com"]
    assert len(list(store.history("acme", other))) == 1


def test_the_history_tells_every_step_oldest_first_and_no_ip_address(store: Suppressions) -> None:
    made = record()
    steps = [put(store, made), put(store, replace(made, revision=1), Action.REPEATED)]
    steps.append(put(store, replace(made, revision=2), Action.LIFTED))
    found = list(store.history("acme", ADA))
    assert [replace(change, origin=replace(change.origin, ip="")) for change in found] == [
        replace(change, origin=replace(change.origin, ip="")) for change in steps
    ]
    hashes = {change.origin.ip for change in found}
    assert len(hashes) == 1
    assert not hashes & {"", ORIGIN.ip}


def test_records_of_an_address_come_oldest_first(store: Suppressions) -> None:
    scopes = [Scope.of([topic]) for topic in "dcba"]
    for number, scope in zip([4, 10, 30, 200], scopes, strict=True):
        put(store, record(number, scope=scope))
    assert [found.number for found in store.for_email("acme", ADA)] == [4, 10, 30, 200]


def test_a_stronger_reason_replaces_the_record(store: Suppressions) -> None:
    put(store, record())
    stronger = record().stating(Cause(Reason.COMPLAINED, 3000, 3000, "feedback", "7", "spam"), 3000)
    put(store, stronger, Action.STRENGTHENED)
    assert store.get("acme", 5) == stronger
    assert list(store.for_email("acme", ADA)) == [stronger]
    assert store.state("acme", ADA).in_force[EVERYTHING].reason is Reason.COMPLAINED


def test_a_lifted_record_is_out_of_force_and_its_number_is_spent(store: Suppressions) -> None:
    made = record()
    put(store, made)
    put(store, record(6, scope=SCOPE))
    put(store, replace(made, revision=1), Action.LIFTED)
    assert store.get("acme", 5) is None
    assert [found.number for found in store.for_email("acme", ADA)] == [6]
    assert list(store.state("acme", ADA).in_force) == [SCOPE]
    with pytest.raises(Conflict):
        put(store, made)


def test_a_state_that_has_moved_on_is_a_conflict_and_nothing_is_written(store: Suppressions) -> None:
    stale = store.state("acme", ADA)
    put(store, record())
    with pytest.raises(Conflict):
        put(store, record(6, scope=SCOPE), before=stale)
    assert store.get("acme", 6) is None
    assert store.state("acme", ADA).version == 1
    assert len(list(store.history("acme", ADA))) == 1


def test_a_state_from_the_future_is_a_conflict(store: Suppressions) -> None:
    put(store, record())
    with pytest.raises(Conflict):
        put(store, record(6, scope=SCOPE), before=replace(store.state("acme", ADA), version=2))


def test_a_number_that_is_taken_is_a_conflict_and_nothing_is_written(store: Suppressions) -> None:
    put(store, record())
    bob = Address.parse("bob@example.com")
    with pytest.raises(Conflict):
        put(store, record(address=bob))
    assert store.get("acme", 5) == record()
    assert store.state("acme", bob).version == 0
    assert list(store.history("acme", bob)) == []


@pytest.mark.parametrize("action", [Action.STRENGTHENED, Action.REPEATED, Action.LIFTED])
@pytest.mark.parametrize("revision", [0, 2])
def test_a_record_that_has_moved_on_is_a_conflict(store: Suppressions, action: Action, revision: int) -> None:
    put(store, record())
    with pytest.raises(Conflict):
        put(store, replace(record(), revision=revision), action)
    assert store.get("acme", 5) == record()


@pytest.mark.parametrize("action", [Action.STRENGTHENED, Action.REPEATED, Action.LIFTED])
def test_a_lifted_record_is_changed_no_more(store: Suppressions, action: Action) -> None:
    put(store, record())
    put(store, replace(record(), revision=1), Action.LIFTED)
    with pytest.raises(Conflict):
        put(store, replace(record(), revision=2), action)


def test_workspaces_have_numbers_and_addresses_of_their_own(store: Suppressions) -> None:
    put(store, record())
    rival = replace(record(), workspace="rival", user_agent="theirs")
    put(store, rival)
    assert store.get("acme", 5) == record()
    assert store.get("rival", 5) == rival
    assert list(store.for_email("rival", ADA)) == [rival]
    assert len(list(store.history("acme", ADA))) == 1


def test_a_hundred_states_are_read_at_once_spelled_as_they_were_asked_for(store: Suppressions) -> None:
    asked = [Address.parse(f"p{at}@example.com") for at in range(98)] + [ADA, Address.parse("ADA@example.com")]
    put(store, record())
    put(store, record(6, address=asked[7]))
    found = store.states("acme", asked)
    assert list(found) == asked
    assert all(found[address].address == address for address in asked)
    assert {address.original for address in asked if found[address].in_force} == {
        "Ada@Example.com",
        "ADA@example.com",
        "p7@example.com",
    }


def test_no_addresses_have_no_states(store: Suppressions) -> None:
    assert store.states("acme", []) == {}


def test_the_states_of_an_address_are_read_at_once_in_many_workspaces(store: Suppressions) -> None:
    put(store, record())
    workspaces = ["acme", *(f"rival-{at}" for at in range(120))]
    found = store.states_in(workspaces, ADA)
    assert list(found) == workspaces
    assert [name for name, state in found.items() if state.in_force] == ["acme"]
    assert found == {name: store.state(name, ADA) for name in workspaces}


def overridden(store: Suppressions, made: Suppression, before: AddressState | None = None, note: str = "") -> Change:
    """Record that an email was sent in spite of a record."""
    old = before or store.state(made.workspace, made.address)
    after = replace(old, version=old.version + 1)
    change = Change(Action.OVERRIDDEN, after.version, 3000, ORIGIN, made, (made.reason,), note)
    store.commit(old, after, change)
    return change


def test_an_override_is_in_the_history_and_changes_nothing_in_force(store: Suppressions) -> None:
    made = record(scope=SCOPE)
    put(store, made)
    before = store.state("acme", ADA)
    change = overridden(store, made, note="she asked by phone")
    assert store.state("acme", ADA) == replace(before, version=2)
    assert store.get("acme", 5) == made
    assert list(store.for_email("acme", ADA)) == [made]
    assert store.page("acme", View.ALL, 0, 9, newest_first=False)[1] == 1
    last = list(store.history("acme", ADA))[-1]
    assert replace(last, origin=change.origin) == change


def test_a_record_that_was_overridden_is_changed_like_any_other(store: Suppressions) -> None:
    put(store, record())
    overridden(store, record())
    put(store, replace(record(), revision=1), Action.REPEATED)
    put(store, replace(record(), revision=2), Action.LIFTED)
    assert [change.version for change in store.history("acme", ADA)] == [1, 2, 3, 4]


def test_an_override_of_a_state_that_has_moved_on_is_a_conflict(store: Suppressions) -> None:
    put(store, record())
    stale = store.state("acme", ADA)
    put(store, record(6, scope=SCOPE))
    with pytest.raises(Conflict):
        overridden(store, record(), before=stale)
    assert [change.action for change in store.history("acme", ADA)] == [Action.SUPPRESSED] * 2


def test_a_record_has_its_own_part_of_the_history(store: Suppressions) -> None:
    first, second = record(), record(6, scope=SCOPE)
    for made in (first, second, replace(first, revision=1)):
        put(store, made, Action.REPEATED if made.revision else Action.SUPPRESSED)
    overridden(store, replace(first, revision=1))
    assert [change.version for change in store.history_of("acme", 5)] == [4, 3, 1]
    assert [change.version for change in store.history_of("acme", 6)] == [2]


def test_a_lifted_record_still_has_its_history(store: Suppressions) -> None:
    made = record()
    put(store, made)
    put(store, replace(made, revision=1), Action.LIFTED)
    put(store, record(6))
    assert [change.action for change in store.history_of("acme", 5)] == [Action.LIFTED, Action.SUPPRESSED]
    assert [change.action for change in store.history_of("acme", 6)] == [Action.SUPPRESSED]
    assert list(store.history_of("acme", 5)) == list(store.history("acme", ADA, newest_first=True))[1:]


def test_the_history_is_read_below_any_version_in_either_order(store: Suppressions) -> None:
    for revision in range(4):
        put(store, replace(record(), revision=revision), Action.REPEATED if revision else Action.SUPPRESSED)
    other = record(6, scope=SCOPE)
    put(store, other)

    def versions(changes: Iterable[Change]) -> list[int]:
        return [change.version for change in changes]

    assert versions(store.history("acme", ADA, below=4)) == [1, 2, 3]
    assert versions(store.history("acme", ADA, newest_first=True)) == [5, 4, 3, 2, 1]
    assert versions(store.history("acme", ADA, newest_first=True, below=3)) == [2, 1]
    assert versions(store.history_of("acme", 5, below=3)) == [2, 1]
    assert versions(store.history_of("acme", 6, below=5)) == []
    assert versions(store.history("acme", ADA, below=1)) == []


def test_what_never_was_has_no_history(store: Suppressions) -> None:
    put(store, record())
    put(store, replace(record(), revision=1), Action.LIFTED)
    for workspace, number in (("acme", 6), ("acme", 0), ("rival", 5), ("", 5)):
        assert list(store.history_of(workspace, number)) == []


def test_a_tombstone_is_counted_and_listed_nowhere(store: Suppressions) -> None:
    put(store, record())
    put(store, record(6, scope=SCOPE))
    put(store, replace(record(), revision=1), Action.LIFTED)
    found, total = store.page("acme", View.ALL, 0, 9, newest_first=False)
    assert ([one.number for one in found], total) == ([6], 1)
    assert [one.number for one in store.walk("acme", View.ALL, newest_first=True)] == [6]
    assert [one.number for one in store.get_many("acme", [5, 6])] == [6]


def test_a_lift_that_loses_leaves_no_tombstone(store: Suppressions) -> None:
    put(store, record())
    with pytest.raises(Conflict):
        put(store, replace(record(), revision=2), Action.LIFTED)
    put(store, replace(record(), revision=1), Action.LIFTED)
    assert len(list(store.history_of("acme", 5))) == 2
