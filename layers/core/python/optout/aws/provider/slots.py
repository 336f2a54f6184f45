"""The pace shared by all workers: one item with the account as it was read, the slots and what is leased of the day.

A lease is one conditional write. When its condition fails, what is there comes back and tells why.
"""

import time
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from optout import clock
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack, unpack
from optout.errors import NotSent, Unavailable
from optout.provider.pace import DAY, HORIZON, Account, Pace, Provider, Turn
from optout.provider.refusal import NO_SLOT
from optout.scope import MessageClass

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = {"pk": "slots", "sk": "slots"}
_ATTEMPTS = 50
_ASKING = 2_000  # milliseconds that one worker may take to ask for the account


@dataclass
class DynamoDBSlots:
    """The `Slots` port. ``good_for``: milliseconds that the account is not asked for again; SES allows one call of
    that kind a second."""

    client: "DynamoDBClient"
    table: str
    provider: Provider
    good_for: int = 60_000
    _item: Item | None = field(default=None, init=False)
    _follows: bool = field(default=True, init=False)  # whether the last lease followed another one's

    def take(self, need: int, want: int, kind: MessageClass) -> Turn:
        for _ in range(_ATTEMPTS):
            item = self._known()
            pace, now = _to_pace(item), clock.now()
            lane = pace.lane(kind)
            count, rate = pace.lot(kind, need, want, now), pace.rate(lane, now)
            room = min(pace.room(kind) + pace.leased, 2**53)
            for follows in (self._follows, not self._follows):
                begins = self._lease(item, lane, count, ceil(1000 * count / rate), now, int(room), follows=follows)
                if begins is not None:
                    self._follows = follows
                    return Turn(max(0, begins - clock.now()) / 1000, 1 / rate, count)  # the lease took its time
        raise NotSent(NO_SLOT, wait=1.0)

    def slow_down(self) -> None:
        for _ in range(_ATTEMPTS):
            item, now = self._known(), clock.now()
            slower = round(1000 * _to_pace(item).slower(now))
            if now < item["slow_at"] + 1000:
                return  # somebody has done that within this second
            values = {":slow": slower, ":now": now, ":was": item["slow_at"]}
            if self._update("SET slow = :slow, slow_at = :now", "slow_at = :was", values):
                return

    def shut(self, until: int) -> None:
        self._known()
        self._update("SET shut_until = :until", "shut_until < :now", {":until": until, ":now": clock.now()})

    def pace(self) -> Pace:
        return _to_pace(self._known(fresh=True))

    def _known(self, *, fresh: bool = False) -> Item:
        """The item as far as is known; the account in it is asked for again when it is old."""
        for _ in range(_ATTEMPTS):
            if self._item is None or fresh:
                self._item, fresh = dynamodb.get(self.client, self.table, _KEY["pk"], _KEY["sk"]), False
            item, now = self._item, clock.now()
            is_read = item is not None and "read_at" in item
            if is_read and now < item["read_at"] + self.good_for:  # type: ignore[index]
                return item  # type: ignore[return-value]
            if self._is_ours_to_ask(item, now):
                self._ask(item, is_read=is_read)
            elif is_read:
                return item  # type: ignore[return-value]
            else:
                time.sleep(0.1)  # somebody else is asking for the first time
                self._item = None
        raise NotSent(NO_SLOT, wait=1.0)

    def _is_ours_to_ask(self, item: Item | None, now: int) -> bool:
        asked = (item or {}).get("asked_at", 0)
        if now < asked + _ASKING:
            return False
        condition = "asked_at = :was" if item else "attribute_not_exists(pk)"
        values = {":now": now, **({":was": asked} if item else {})}
        return self._update("SET asked_at = :now", condition, values)

    def _ask(self, item: Item | None, *, is_read: bool) -> None:
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
            ":now": now,
            ":began": began if account.sent and now < began + DAY else now,
            ":zero": 0,
            ":full": 1000,
        }
        update = (
            "SET rate = :rate, quota = :quota, sent = :sent, enabled = :enabled, read_at = :now, leased = :zero, "
            "day_began = :began, slow = if_not_exists(slow, :full), slow_at = if_not_exists(slow_at, :zero), "
            "shut_until = if_not_exists(shut_until, :zero)"
        )
        self._update(update, "attribute_exists(pk)", values)

    def _lease(
        self, item: Item, lane: MessageClass, count: int, length: int, now: int, room: int, *, follows: bool
    ) -> int | None:
        """When the lease begins; None when things are otherwise than they were thought to be.

        One that follows begins where the last one ends; another begins now, when nobody holds a later one.
        """
        free = f"free_{lane.value}"
        values = {
            ":now": now,
            ":count": count,
            ":room": room - count,
            ":read": item["read_at"],
            ":slow": item["slow_at"],
        }
        facts = "read_at = :read AND slow_at = :slow AND shut_until <= :now AND leased <= :room"
        if follows:
            update, turn = "SET #free = #free + :length", "#free >= :now AND #free <= :horizon"
            values |= {":length": length, ":horizon": now + HORIZON}
        else:
            update, turn = "SET #free = :end", "(attribute_not_exists(#free) OR #free < :now)"
            values[":end"] = now + length
        if not self._update(f"{update} ADD leased :count", f"{turn} AND {facts}", values, {"#free": free}):
            return None
        return int((self._item or {})[free]) - length

    def _update(self, update: str, condition: str, values: dict[str, Any], names: dict[str, str] | None = None) -> bool:
        """Write, and keep what is there afterwards in mind: ours, or another's that was in the way."""
        more: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        try:
            with dynamodb.translated():
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


def _to_pace(item: Item) -> Pace:
    if "read_at" not in item:
        raise Unavailable
    free = {kind: item[f"free_{kind.value}"] for kind in MessageClass if f"free_{kind.value}" in item}
    return Pace(
        account=Account(item["rate"] / 1000, item["quota"], item["sent"], item["enabled"]),
        read_at=item["read_at"],
        leased=item["leased"],
        day_began=item["day_began"],
        slow=item["slow"] / 1000,
        slow_at=item["slow_at"],
        shut_until=item["shut_until"],
        free=free,
    )
