"""Scopes: the emails that a suppression covers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.number import LIMIT
from optout.scope import EVERYTHING, Mail, Scope, newsletter_topic, trigger_scope

NAMES = st.text(min_size=1, max_size=6)
SCOPES = st.builds(Scope.of, st.sets(NAMES, max_size=3), st.sets(NAMES, max_size=3))

COVERS = [
    (EVERYTHING, Mail(), True),
    (EVERYTHING, Mail("marketing", "shop"), True),
    (Scope.of(["marketing"]), Mail("marketing"), True),
    (Scope.of(["marketing"]), Mail("marketing", "shop"), True),
    (Scope.of(["marketing"]), Mail("newsletter:weekly"), False),
    (Scope.of(["marketing"]), Mail(), False),
    (Scope.of(["marketing", "trigger:7"]), Mail("trigger:7"), True),
    (Scope.of([], ["shop"]), Mail("marketing", "shop"), True),
    (Scope.of([], ["shop"]), Mail(None, "shop"), True),
    (Scope.of([], ["shop"]), Mail("marketing", "blog"), False),
    (Scope.of([], ["shop"]), Mail("marketing"), False),
    (Scope.of(["marketing"], ["shop"]), Mail("marketing", "shop"), True),
    (Scope.of(["marketing"], ["shop"]), Mail("marketing"), False),
    (Scope.of(["marketing"], ["shop"]), Mail("trigger:7", "shop"), False),
]


@pytest.mark.parametrize(("scope", "mail", "expected"), COVERS)
def test_a_scope_covers_its_topics_in_its_namespaces(scope: Scope, mail: Mail, *, expected: bool) -> None:
    assert scope.covers(mail) is expected


@given(scope=SCOPES)
def test_a_scope_is_found_again_by_its_key(scope: Scope) -> None:
    assert Scope.parse(scope.key) == scope


@given(topics=st.lists(NAMES, max_size=4), namespaces=st.lists(NAMES, max_size=4))
def test_the_order_and_repeats_of_names_do_not_matter(topics: list[str], namespaces: list[str]) -> None:
    again = Scope.of(reversed(topics + topics), reversed(namespaces + namespaces))
    assert again.key == Scope.of(topics, namespaces).key


@given(one=SCOPES, other=SCOPES)
def test_different_scopes_have_different_keys(one: Scope, other: Scope) -> None:
    assert (one.key == other.key) == (one == other)


def test_everything_is_written_as_a_star() -> None:
    assert EVERYTHING.key == "*"
    assert EVERYTHING.is_everything
    assert not Scope.of([], ["shop"]).is_everything


def test_a_newsletter_has_a_topic_of_its_own() -> None:
    assert newsletter_topic("weekly") == "newsletter:weekly"


def test_a_trigger_is_one_plain_number_below_the_limit_and_nothing_beside_it() -> None:
    assert [trigger_scope(number).trigger for number in (1, 7, LIMIT - 1)] == [1, 7, LIMIT - 1]
    others = [f"trigger:{LIMIT}", "trigger:07", "trigger:", "trigger:x", "marketing"]
    assert {Scope.of([topic]).trigger for topic in others} == {None}
    wider = [EVERYTHING, Scope.of(["trigger:7", "trigger:8"]), Scope.of(["trigger:7"], ["shop"])]
    assert {scope.trigger for scope in wider} == {None}
