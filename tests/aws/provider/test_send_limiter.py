"""Send slots: leases that follow each other, so that all workers together keep to the rate and to the day's quota."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor

import pytest

from optout.aws.provider.send_limiter import DynamoDBSendLimiter
from optout.errors import NotSent
from optout.provider.refusal import Refusal, classify
from optout.provider.send_rate import DAY, Account
from optout.scope import MessageClass
from tests.support.engine import Tables

NOON = 1_760_000_000_000
MARKETING, TRANSACTIONAL = MessageClass.MARKETING, MessageClass.TRANSACTIONAL
FIFTY = Account(51.547, 10_000, 0)  # marketing's share of it is 50 a second


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        monkeypatch.setattr("optout.clock.now", lambda: self.now)


class Provider:
    """The `Provider` port: returns its answers one by one, the last one for ever; counts the calls."""

    def __init__(self, *answers: Account | NotSent) -> None:
        self.answers = deque(answers)
        self.asked = 0

    def account(self) -> Account:
        self.asked += 1
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, NotSent):
            raise answer
        return answer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tables: Tables) -> Clock:
    """Stops after the tables are made: their making may wait in earnest."""
    return Clock(monkeypatch)


@pytest.fixture
def send_limiter(tables: Tables) -> DynamoDBSendLimiter:
    return tables.send_limiter(Provider(FIFTY))


def waits(send_limiter: DynamoDBSendLimiter, *counts: int, kind: MessageClass = MARKETING) -> list[float]:
    return [send_limiter.lease(count, count, kind).wait for count in counts]


def refusal(send_limiter: DynamoDBSendLimiter, count: int = 50, kind: MessageClass = MARKETING) -> Refusal:
    with pytest.raises(NotSent) as caught:
        send_limiter.lease(count, count, kind)
    return classify(caught.value)


@pytest.mark.usefixtures("clock")
def test_every_lease_begins_where_the_last_one_ends(send_limiter: DynamoDBSendLimiter) -> None:
    assert waits(send_limiter, 50, 10, 1, 25) == [0, 1.0, 1.2, 1.22]


@pytest.mark.usefixtures("clock")
def test_every_worker_sees_the_others_leases(tables: Tables) -> None:
    workers = [tables.send_limiter(Provider(FIFTY)) for _ in range(3)]
    assert [waits(worker, 50)[0] for worker in workers] == [0, 1.0, 2.0]


def test_time_that_nobody_used_is_gone(send_limiter: DynamoDBSendLimiter, clock: Clock) -> None:
    first = waits(send_limiter, 50)
    clock.now += 30_000
    assert first + waits(send_limiter, 50, 50) == [0, 0, 1.0]


def test_a_lease_that_is_partly_over_is_waited_out(send_limiter: DynamoDBSendLimiter, clock: Clock) -> None:
    waits(send_limiter, 50)
    clock.now += 400
    assert waits(send_limiter, 50) == [0.6]


def test_a_worker_with_a_slow_clock_waits_behind_the_others(send_limiter: DynamoDBSendLimiter, clock: Clock) -> None:
    waits(send_limiter, 50)
    clock.now -= 2_000
    assert waits(send_limiter, 50) == [3.0]


def test_slots_that_are_too_far_off_are_not_waited_for(tables: Tables, clock: Clock) -> None:
    send_limiter = tables.send_limiter(Provider(Account(5.155, 10_000, 0)))
    assert waits(send_limiter, 50) == [0]
    assert refusal(send_limiter) is Refusal.NO_SLOT
    clock.now += 5_000
    assert waits(send_limiter, 50) == [5.0]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("count", "rate"), [(1, 1.0), (14, 14.0), (3, 7.0), (1, 700.0), (50, 300.0), (1, 5000.0)])
def test_no_lease_is_shorter_than_the_rate_asks(tables: Tables, count: int, rate: float) -> None:
    send_limiter = tables.send_limiter(Provider(Account(rate, -1, 0)))
    assert waits(send_limiter, count, count)[1] >= count / rate


@pytest.mark.usefixtures("clock")
def test_a_lease_says_how_far_its_slots_are_apart(send_limiter: DynamoDBSendLimiter) -> None:
    lease = send_limiter.lease(50, 250, MARKETING)
    assert lease.count == 100
    assert lease.spacing == pytest.approx(0.02, rel=1e-4)


def test_the_account_is_asked_for_once_a_minute_by_all_together(tables: Tables, clock: Clock) -> None:
    provider = Provider(FIFTY)
    workers = [tables.send_limiter(provider) for _ in range(4)]
    for _ in range(5):
        for worker in workers:
            worker.lease(1, 1, MARKETING)
    assert provider.asked == 1
    clock.now += 60_000
    for worker in workers:
        worker.lease(1, 1, MARKETING)
    assert provider.asked == 2


def test_a_new_rate_holds_for_everybody(tables: Tables, clock: Clock) -> None:
    provider = Provider(FIFTY, Account(103.093, 10_000, 0))
    one, two = tables.send_limiter(provider), tables.send_limiter(provider)
    waits(one, 50)
    clock.now += 60_000
    assert waits(two, 50) + waits(one, 50) == [0, 0.5]


def test_an_account_that_does_not_answer_leaves_the_old_word_in_force(tables: Tables, clock: Clock) -> None:
    provider = Provider(FIFTY, NotSent("GetAccount"))
    send_limiter = tables.send_limiter(provider)
    waits(send_limiter, 1)
    clock.now += 60_000
    assert waits(send_limiter, 50) == [0]
    waits(send_limiter, 1)
    assert provider.asked == 2  # and it is not read again at once


def test_without_any_word_of_the_account_nothing_is_leased(tables: Tables, clock: Clock) -> None:
    send_limiter = tables.send_limiter(Provider(NotSent("GetAccount"), FIFTY))
    assert refusal(send_limiter) is Refusal.CONNECTION
    clock.now += 2_000
    assert waits(send_limiter, 50) == [0]


def test_the_day_s_quota_is_leased_too(tables: Tables, clock: Clock) -> None:
    provider = Provider(Account(10_000.0, 1_000, 900), Account(10_000.0, 1_000, 980), Account(10_000.0, 1_000, 0))
    send_limiter = tables.send_limiter(provider)
    send_limiter.lease(50, 250, MARKETING)
    assert refusal(send_limiter) is Refusal.QUOTA
    clock.now += 60_000
    assert refusal(send_limiter) is Refusal.QUOTA
    send_limiter.lease(20, 20, TRANSACTIONAL)
    clock.now += 60_000
    send_limiter.lease(50, 50, MARKETING)


def test_the_quota_is_expected_back_a_day_after_it_began_to_be_used(tables: Tables, clock: Clock) -> None:
    provider = Provider(Account(100.0, 1_000, 0), Account(100.0, 1_000, 500))
    send_limiter = tables.send_limiter(provider)
    send_limiter.lease(50, 50, MARKETING)
    clock.now += 3_600_000
    assert send_limiter.send_rate().quota_returns(clock.now) == NOON + DAY
    clock.now += DAY
    assert send_limiter.send_rate().day_began == clock.now


def test_a_throttle_slows_everybody_down_once_a_second_and_passes(tables: Tables, clock: Clock) -> None:
    one, two = tables.send_limiter(Provider(FIFTY)), tables.send_limiter(Provider(FIFTY))
    waits(one, 1)
    clock.now += 1_000
    one.slow_down()
    two.slow_down()
    assert one.send_rate().backoff_factor(clock.now) == pytest.approx(0.97)
    assert waits(two, 97, 97) == [0, 2.0]
    clock.now += 30_000
    assert waits(two, 50, 50) == [0, 1.0]


def test_a_provider_that_is_shut_leases_nothing_to_anybody_until_its_time(tables: Tables, clock: Clock) -> None:
    one, two = tables.send_limiter(Provider(FIFTY)), tables.send_limiter(Provider(FIFTY))
    one.pause(clock.now + 10_000)
    two.pause(clock.now + 90_000)
    assert refusal(one) is refusal(two, kind=TRANSACTIONAL) is Refusal.PROVIDER_PAUSED
    clock.now += 10_000
    assert waits(two, 50) == [0]


@pytest.mark.usefixtures("clock")
def test_a_disabled_account_leases_nothing(tables: Tables) -> None:
    assert refusal(tables.send_limiter(Provider(Account(50.0, 1_000, 0, enabled=False)))) is Refusal.PROVIDER_PAUSED


@pytest.mark.usefixtures("clock")
def test_transactional_mail_does_not_wait_behind_a_campaign(send_limiter: DynamoDBSendLimiter) -> None:
    waits(send_limiter, 50, 50, 50)
    assert waits(send_limiter, 1, kind=TRANSACTIONAL) == [0]


@pytest.mark.usefixtures("clock")
def test_a_lease_is_one_request(tables: Tables) -> None:
    send_limiter, requests = tables.send_limiter(Provider(FIFTY)), []
    waits(send_limiter, 1, 1)
    tables.client.meta.events.register("before-send.dynamodb", lambda **_: requests.append(1))
    waits(send_limiter, *[1] * 10)
    assert len(requests) == 10


def test_the_pricing_plan_is_kept_with_the_account(tables: Tables) -> None:
    send_limiter = tables.send_limiter(Provider(Account(50.0, 1_000, 0, plan="ESSENTIALS")))
    assert send_limiter.send_rate().account.plan == "ESSENTIALS"


def test_workers_together_keep_to_the_send_rate(engine: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    provider = Provider(Account(103.093, -1, 0))

    def lease(_: int) -> float:
        return engine.send_limiter(provider).lease(10, 10, MARKETING).wait

    with ThreadPoolExecutor(20) as workers:
        leased = sorted(workers.map(lease, range(20)))
    assert leased == [number / 10 for number in range(20)]
    assert provider.asked == 1
