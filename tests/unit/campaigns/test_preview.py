"""A preview: bounded, as the campaign would be, and made though the provider is silent."""

import pytest

from optout import clock
from optout.access.credential import Credential
from optout.campaigns import preview as previewer
from optout.campaigns.draft import Draft, plan
from optout.campaigns.preview import Previewer
from optout.errors import NotSent
from optout.messages.template import Site
from optout.provider.send_rate import Account
from optout.runtime.pattern import compile_pattern
from tests.support.fakes import InMemorySuppressions
from tests.support.fakes.delivery import InMemorySendLimiter
from tests.support.samples import READERS, people, stop, subscribers

CALLER = Credential(
    "hash", "acme", "native", permissions=frozenset({"send-mail"}), newsletter="weekly", senders=("@example.com",)
)
DRAFT = Draft("news@example.com", "Hi", "Hello [name] [unsubscribe]")


def preview(count: int, send_limiter: InMemorySendLimiter, *left: str) -> previewer.Preview:
    suppressions = InMemorySuppressions()
    for email in left:
        stop(suppressions, email)
    found = Previewer(
        subscribers(*people(count)), suppressions, send_limiter, Site("Acme", "https://m.example"), compile_pattern
    )
    return found.preview(*plan(CALLER, DRAFT, READERS))


def test_a_preview_of_more_than_it_looks_at_says_so_and_reckons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previewer, "WALKED", 10)
    found = preview(40, InMemorySendLimiter(), "p1@example.com", "p2@example.com")
    assert (found.is_complete, found.walked, found.subscribers, found.audience) == (False, 10, 40, 10)
    assert (found.left_out, found.mails) == ({"skipped_unsubscribed": 2}, 32)


@pytest.mark.parametrize(
    ("plan", "prices"),
    [
        ("NONE", {"NONE": 0.025}),
        ("ESSENTIALS", {"ESSENTIALS": 0.04}),
        ("PRO", {"NONE": 0.025, "ESSENTIALS": 0.04}),  # its list price is not known here
    ],
)
def test_the_price_follows_the_account_s_plan(plan: str, prices: dict[str, float]) -> None:
    found = preview(250, InMemorySendLimiter(account=Account(rate=1.0, quota=-1, sent=0, plan=plan)))
    assert found.prices == prices


def test_a_preview_renders_three_and_knows_the_end_and_the_price() -> None:
    found = preview(250, InMemorySendLimiter(account=Account(rate=1.0, quota=-1, sent=0)))
    assert [sample.to for sample in found.samples] == ["p1@example.com", "p2@example.com", "p3@example.com"]
    assert found.samples[0].text == "Hello Ada https://m.example/u/preview\n"
    assert (found.mails, found.prices) == (250, {"NONE": 0.025, "ESSENTIALS": 0.04})
    assert found.ends is not None
    assert 200_000 < found.ends - clock.now() <= 260_000


def test_a_preview_is_made_though_the_provider_does_not_answer() -> None:
    found = preview(3, InMemorySendLimiter(refusal=NotSent("GetAccount")))
    assert (found.mails, found.send_rate, found.ends) == (3, None, None)
