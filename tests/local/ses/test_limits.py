"""The limits of the account: sending rate, daily quota, pauses."""

import threading

import pytest
from botocore.exceptions import ClientError

from tests.local.ses.requests import bulk, entry
from tests.local.ses.stand_in import StandIn


def refusal(ses: StandIn) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        ses.send()
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def sent_today(ses: StandIn) -> int:
    return int(ses.client.get_account()["SendQuota"]["SentLast24Hours"])


def statuses(ses: StandIn, count: int) -> list[str]:
    return [result["Status"] for result in ses.bulk(*(entry(f"r{number}@example.org") for number in range(count)))]


def test_the_account_tells_its_limits(ses: StandIn) -> None:
    ses.settings(rate=14, quota=50_000_000)
    account = ses.client.get_account()
    assert (account["SendQuota"]["MaxSendRate"], account["SendQuota"]["Max24HourSend"]) == (14.0, 50_000_000.0)
    assert (account["SendingEnabled"], account["ProductionAccessEnabled"]) == (True, True)
    assert account["SuppressionAttributes"]["SuppressedReasons"] == ["BOUNCE", "COMPLAINT"]


def test_sent_mail_counts_against_the_quota_per_recipient(ses: StandIn) -> None:
    before = sent_today(ses)
    ses.send(Destination={"ToAddresses": ["a@example.org"], "CcAddresses": ["b@example.org"]})
    assert sent_today(ses) == before + 2


def test_more_than_the_rate_in_one_second_is_throttled(ses: StandIn) -> None:
    # Two recipients exceed the rate even if nothing was sent in the last second.
    ses.settings(rate=1)
    with pytest.raises(ClientError) as caught:
        ses.send(Destination={"ToAddresses": ["a@example.org", "b@example.org"]})
    assert caught.value.response["Error"] == {
        "Code": "TooManyRequestsException",
        "Message": "Maximum sending rate exceeded.",
    }
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_a_bulk_call_over_the_rate_is_throttled_per_entry(ses: StandIn) -> None:
    rate = 100
    ses.settings(rate=rate)
    before = ses.last_row()
    results: list[str] = []
    # Concurrent calls with more recipients than one window allows: each entry says whether it was accepted.
    threads = [threading.Thread(target=lambda: results.extend(entry_statuses(ses))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) <= {"SUCCESS", "ACCOUNT_THROTTLED", "refused"}
    assert results.count("SUCCESS") == len(ses.rows(before, "recipient"))
    assert most_in_one_second([row["monotonic"] for row in ses.rows(before, "recipient")]) <= rate


def entry_statuses(ses: StandIn) -> list[str]:
    answer = ses.http("POST", "/v2/email/outbound-bulk-emails", bulk(*(entry(f"r{n}@example.org") for n in range(50))))
    results = StandIn.decoded(answer[1]).get("BulkEmailEntryResults")
    return [result["Status"] for result in results] if results else ["refused"]


def most_in_one_second(times: list[float]) -> int:
    return max(sum(1 for other in times if at <= other < at + 1) for at in times)


def test_a_burst_is_tolerated_where_it_is_allowed(ses: StandIn) -> None:
    ses.settings(rate=1, burst=10_000)
    assert statuses(ses, 50) == ["SUCCESS"] * 50


def test_the_daily_quota_is_a_limit_of_its_own(ses: StandIn) -> None:
    ses.settings(quota=sent_today(ses))
    assert refusal(ses) == (400, "LimitExceededException", "Daily message quota exceeded.")


def test_a_bulk_call_over_the_quota_is_refused_per_entry(ses: StandIn) -> None:
    ses.settings(quota=sent_today(ses) + 2)
    assert statuses(ses, 4) == ["SUCCESS", "SUCCESS", "ACCOUNT_DAILY_QUOTA_EXCEEDED", "ACCOUNT_DAILY_QUOTA_EXCEEDED"]


def test_a_bulk_call_of_which_nothing_fits_is_refused_whole(ses: StandIn) -> None:
    ses.settings(quota=sent_today(ses))
    with pytest.raises(ClientError, match="LimitExceededException"):
        statuses(ses, 2)


def test_mail_to_suppressed_addresses_counts_against_the_quota(ses: StandIn) -> None:
    ses.client.put_suppressed_destination(EmailAddress="counted@example.org", Reason="BOUNCE")
    before = sent_today(ses)
    ses.send("counted@example.org")
    assert sent_today(ses) == before + 1


def test_a_paused_account_sends_nothing_until_resumed(ses: StandIn) -> None:
    ses.client.put_account_sending_attributes(SendingEnabled=False)
    assert refusal(ses)[:2] == (400, "SendingPausedException")
    assert ses.client.get_account()["SendingEnabled"] is False
    ses.client.put_account_sending_attributes(SendingEnabled=True)
    assert ses.send()


def test_a_suspended_account_sends_nothing(ses: StandIn) -> None:
    ses.settings(suspended=True)
    assert refusal(ses)[:2] == (400, "AccountSuspendedException")


def test_other_calls_are_limited_where_that_is_switched_on(ses: StandIn) -> None:
    ses.settings(api_rate=0.5)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        ses.client.get_account()


@pytest.mark.parametrize("settings", [{"rate": -1}, {"quota": "many"}, {"speed": 1}, {"paused": 1}])
def test_settings_that_make_no_sense_are_refused(ses: StandIn, settings: dict[str, object]) -> None:
    before = ses.get("/_local/settings")
    assert ses.http("PUT", "/_local/settings", settings)[0] == 400
    assert ses.get("/_local/settings") == before
