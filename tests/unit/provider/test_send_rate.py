"""The shared send rate: leases, the backoff after throttling, and the return of the quota."""

from dataclasses import replace

import pytest

from optout.errors import NotSent
from optout.provider.refusal import Refusal, classify
from optout.provider.send_rate import DAY, HORIZON, Account, SendRate
from optout.scope import MessageClass

MARKETING, TRANSACTIONAL = MessageClass.MARKETING, MessageClass.TRANSACTIONAL
NOW = 1_760_000_000_000
PACE = SendRate(Account(rate=100.0, quota=10_000, sent=0), read_at=NOW)


def refusal_of(send_rate: SendRate, kind: MessageClass = MARKETING, need: int = 50) -> Refusal:
    with pytest.raises(NotSent) as caught:
        send_rate.batch_size(kind, need, need, NOW)
    return classify(caught.value)


def test_marketing_leaves_a_part_of_the_rate_and_both_together_keep_to_it() -> None:
    rates = [PACE.rate(kind, NOW) for kind in MessageClass]
    assert rates[0] >= 95
    assert sum(rates) <= 100


def test_marketing_leaves_a_part_of_the_day_s_quota() -> None:
    nearly = replace(PACE, account=replace(PACE.account, sent=9_690))
    assert refusal_of(nearly) is Refusal.QUOTA
    assert nearly.batch_size(TRANSACTIONAL, 50, 50, NOW) == 50


def test_leases_count_before_the_provider_does() -> None:
    assert refusal_of(replace(PACE, leased=9_660)) is Refusal.QUOTA


def test_a_quota_below_zero_has_no_end() -> None:
    endless = replace(PACE, account=Account(100.0, -1, 10**9), leased=10**9)
    assert endless.batch_size(MARKETING, 50, 50, NOW) == 50


@pytest.mark.parametrize("changed", [{"paused_until": NOW + 1}, {"account": Account(100.0, 10_000, 0, enabled=False)}])
def test_a_paused_account_leases_nothing(changed: dict[str, object]) -> None:
    send_rate = replace(PACE, **changed)  # type: ignore[arg-type]
    assert refusal_of(send_rate) is refusal_of(send_rate, TRANSACTIONAL) is Refusal.PROVIDER_PAUSED


def test_slots_beyond_the_horizon_are_refused_with_the_wait() -> None:
    send_rate = replace(PACE, next_slot={MARKETING: NOW + HORIZON + 1_500})
    with pytest.raises(NotSent) as caught:
        send_rate.batch_size(MARKETING, 50, 50, NOW)
    assert (classify(caught.value), caught.value.wait) == (Refusal.NO_SLOT, 6.5)
    assert replace(PACE, next_slot={MARKETING: NOW + HORIZON}).batch_size(MARKETING, 50, 50, NOW) == 50


def test_transactional_mail_takes_the_slots_that_are_free_sooner() -> None:
    assert PACE.pool(TRANSACTIONAL) is MARKETING
    assert replace(PACE, next_slot={MARKETING: NOW + 1}).pool(TRANSACTIONAL) is TRANSACTIONAL
    assert replace(PACE, next_slot={MARKETING: NOW + 1}).pool(MARKETING) is MARKETING


@pytest.mark.parametrize(("need", "want", "batch_size"), [(50, 250, 150), (50, 60, 60), (50, 50, 50), (250, 250, 250)])
def test_a_lease_is_what_two_seconds_have_in_whole_blocks_and_never_less_than_is_needed(
    need: int, want: int, batch_size: int
) -> None:
    assert PACE.batch_size(MARKETING, need, want, NOW) == batch_size


def test_while_others_wait_nobody_takes_more_than_is_needed() -> None:
    assert replace(PACE, next_slot={MARKETING: NOW + 1}).batch_size(MARKETING, 50, 250, NOW) == 50


def test_a_lease_is_not_more_than_the_day_has() -> None:
    assert replace(PACE, leased=9_600).batch_size(MARKETING, 50, 250, NOW) == 100


def test_a_lease_is_of_whole_blocks_unless_it_is_all_that_is_left() -> None:
    factor = SendRate(Account(14.0, 10_000, 0), NOW)  # two seconds have 27 slots
    assert [factor.batch_size(MARKETING, 14, want, NOW) for want in (20, 40)] == [20, 14]


def test_a_throttle_takes_a_little_and_the_pace_recovers() -> None:
    slowed = replace(PACE, factor=PACE.factor_after_throttle(NOW), slowed_at=NOW)
    assert slowed.backoff_factor(NOW) == pytest.approx(0.97)
    assert slowed.backoff_factor(NOW + 2_000) == pytest.approx(0.99)
    assert slowed.backoff_factor(NOW + 60_000) == 1.0
    assert replace(slowed, factor=slowed.factor_after_throttle(NOW)).backoff_factor(NOW) == pytest.approx(0.97**2)


def test_a_provider_that_grants_half_of_what_it_said_is_believed_within_a_minute() -> None:
    send_rate, seconds = PACE, 0
    while send_rate.backoff_factor(NOW + 1_000 * seconds) > 0.5:
        now = NOW + 1_000 * seconds
        send_rate, seconds = replace(send_rate, factor=send_rate.factor_after_throttle(now), slowed_at=now), seconds + 1
    assert seconds < 60


def test_the_pace_never_stops_altogether() -> None:
    assert replace(PACE, factor=0.1, slowed_at=NOW).factor_after_throttle(NOW) == 0.1


def test_the_quota_comes_back_a_day_after_it_began_to_be_used() -> None:
    assert replace(PACE, day_began=NOW - 1_000).quota_returns(NOW) == NOW - 1_000 + DAY
    assert replace(PACE, day_began=NOW - 2 * DAY).quota_returns(NOW) == NOW + 60_000


def test_a_forecast_is_the_rate_while_the_day_has_room_and_days_after_that() -> None:
    send_rate = replace(PACE, day_began=NOW)
    assert send_rate.forecast(9_700, MARKETING, NOW) == NOW + 100_000
    assert send_rate.forecast(9_700 + 970, MARKETING, NOW) == NOW + DAY + 10_000
    assert send_rate.forecast(3 * 9_700, MARKETING, NOW) == NOW + 3 * DAY
