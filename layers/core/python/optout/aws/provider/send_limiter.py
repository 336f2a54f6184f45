"""The send rate shared by all workers: one item with the account as it was read, the next slots, and the leased quota.

A lease is one conditional write. If its condition fails, the answer holds the present item, which tells why.
"""

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from optout import clock, deadline
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack, unpack
from optout.errors import NotSent, Unavailable
from optout.provider.refusal import NO_SLOT
from optout.provider.send_rate import DAY, HORIZON, Account, Lease, Provider, SendRate
from optout.scope import MessageClass

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = {"pk": "send_rate", "sk": "send_rate"}
_ATTEMPTS = 50
_READING = 2_000  # milliseconds that one worker may take to read the account


@dataclass
class DynamoDBSendLimiter:
    """The `SendLimiter` port. ``good_for``: milliseconds until the account is read again; SES allows one GetAccount a
    second."""

    client: "DynamoDBClient"
    table: str
    provider: Provider
    good_for: int = 60_000
    _item: Item | None = field(default=None, init=False)
    _follows: bool = field(default=True, init=False)  # whether the last lease followed another one

    def lease(self, need: int, want: int, kind: MessageClass) -> Lease:
        for _ in range(_ATTEMPTS):
            item = self._known()
            send_rate, now = _to_send_rate(item), clock.now()
            pool = send_rate.pool(kind)
            count, rate = send_rate.batch_size(kind, need, want, now), send_rate.rate(pool, now)
            remaining = min(send_rate.remaining_quota(kind) + send_rate.leased, 2**53)
            for follows in (self._follows, not self._follows):
                begins = self._lease(item, pool, count, ceil(1000 * count / rate), now, int(remaining), follows=follows)
                if begins is not None:
                    self._follows = follows
                    return Lease(max(0, begins - clock.now()) / 1000, 1 / rate, count)  # the lease took its time
        raise NotSent(NO_SLOT, wait=1.0)

    def slow_down(self) -> None:
        for _ in range(_ATTEMPTS):
            item, now = self._known(), clock.now()
            factor = round(1000 * _to_send_rate(item).factor_after_throttle(now))
            if now < item["slowed_at"] + 1000:
                return  # another worker did so within this second
            values = {":factor": factor, ":now": now, ":was": item["slowed_at"]}
            if self._update("SET factor = :factor, slowed_at = :now", "slowed_at = :was", values):
                return

    def pause(self, until: int) -> None:
        self._known()
        self._update("SET paused_until = :until", "paused_until < :now", {":until": until, ":now": clock.now()})

    def send_rate(self) -> SendRate:
        return _to_send_rate(self._known(fresh=True))

    def _known(self, *, fresh: bool = False) -> Item:
        """The cached item; its account is read again when it is old."""
        for _ in range(_ATTEMPTS):
            if self._item is None or fresh:
                self._item, fresh = dynamodb.get(self.client, self.table, _KEY["pk"], _KEY["sk"]), False
            item, now = self._item, clock.now()
            is_read = item is not None and "read_at" in item
            if is_read and now < item["read_at"] + self.good_for:  # type: ignore[index]
                return item  # type: ignore[return-value]
            if self._claims_reading(item, now):
                self._read_account(item, is_read=is_read)
            elif is_read:
                return item  # type: ignore[return-value]
            else:
                deadline.sleep(0.1)  # another worker reads the account for the first time
                self._item = None
        raise NotSent(NO_SLOT, wait=1.0)

    def _claims_reading(self, item: Item | None, now: int) -> bool:
        claimed = (item or {}).get("read_claimed_at", 0)
        if now < claimed + _READING:
            return False
        condition = "read_claimed_at = :was" if item else "attribute_not_exists(pk)"
        values = {":now": now, **({":was": claimed} if item else {})}
        return self._update("SET read_claimed_at = :now", condition, values)

    def _read_account(self, item: Item | None, *, is_read: bool) -> None:
        try:
            account = self.provider.account()
        except NotSent:
            if not is_read:
                raise
            return
        now = clock.now()
        began = (item or {}).get("day_began", 0)
        values = {
            ":rate": round(1000 * account.rate),
            ":quota": int(account.quota),
            ":sent": int(account.sent),
            ":enabled": account.enabled,
            ":plan": account.plan,
            ":now": now,
            ":began": began if account.sent and now < began + DAY else now,
            ":zero": 0,
            ":full": 1000,
        }
        update = (
            "SET rate = :rate, quota = :quota, sent = :sent, enabled = :enabled, pricing_plan = :plan, "
            "read_at = :now, leased = :zero, "
            "day_began = :began, factor = if_not_exists(factor, :full), slowed_at = if_not_exists(slowed_at, :zero), "
            "paused_until = if_not_exists(paused_until, :zero)"
        )
        self._update(update, "attribute_exists(pk)", values)

    def _lease(
        self, item: Item, pool: MessageClass, count: int, length: int, now: int, remaining: int, *, follows: bool
    ) -> int | None:
        """When the lease begins (epoch milliseconds); None if the stored state has changed since it was read.

        A lease that follows begins where the last one ends. Any other begins now, if no later slot is leased.
        """
        next_slot = f"next_slot_{pool.value}"
        values = {
            ":now": now,
            ":count": count,
            ":room": remaining - count,
            ":read": item["read_at"],
            ":slowed": item["slowed_at"],
        }
        facts = "read_at = :read AND slowed_at = :slowed AND paused_until <= :now AND leased <= :room"
        if follows:
            update, lease = "SET #next = #next + :length", "#next >= :now AND #next <= :horizon"
            values |= {":length": length, ":horizon": now + HORIZON}
        else:
            update, lease = "SET #next = :end", "(attribute_not_exists(#next) OR #next < :now)"
            values[":end"] = now + length
        if not self._update(f"{update} ADD leased :count", f"{lease} AND {facts}", values, {"#next": next_slot}):
            return None
        return int((self._item or {})[next_slot]) - length

    def _update(self, update: str, condition: str, values: dict[str, Any], names: dict[str, str] | None = None) -> bool:
        """Conditional update; caches the item as it is afterwards, whichever worker wrote it."""
        more: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        try:
            with dynamodb.map_errors():
                answer = self.client.update_item(
                    TableName=self.table,
                    Key=pack(_KEY),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=pack(values),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **more,
                )
        except Lost as lost:
            self._item = lost.item
            return False
        self._item = unpack(answer["Attributes"])
        return True


def _to_send_rate(item: Item) -> SendRate:
    if "read_at" not in item:
        raise Unavailable
    next_slot = {kind: item[f"next_slot_{kind.value}"] for kind in MessageClass if f"next_slot_{kind.value}" in item}
    return SendRate(
        account=Account(
            item["rate"] / 1000, item["quota"], item["sent"], item["enabled"], item.get("pricing_plan", "")
        ),
        read_at=item["read_at"],
        leased=item["leased"],
        day_began=item["day_began"],
        factor=item["factor"] / 1000,
        slowed_at=item["slowed_at"],
        paused_until=item["paused_until"],
        next_slot=next_slot,
    )
