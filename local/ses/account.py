"""The account: settings, verified identities, sending rate and daily quota."""

import time
from collections import deque
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from local.ses.addresses import SIMULATOR_DOMAIN, Mailbox
from local.ses.errors import AccountSuspended, DailyQuotaExceeded, MessageRejected, SendingPaused, Throttled

DAY = 24 * 3600
Reason = Literal["BOUNCE", "COMPLAINT"]


class Settings(BaseModel):
    """The settings that ``PUT /_local/settings`` changes, all or some of them. Rates are per second, ``quota`` per 24
    hours; both count recipients. ``burst`` is added to the rate."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rate: Annotated[float, Field(gt=0)] = 10_000
    burst: Annotated[int, Field(ge=0)] = 0
    quota: Annotated[int, Field(ge=0)] = 10_000_000
    paused: bool = False
    suspended: bool = False
    sandbox: bool = False
    api_rate: Annotated[float, Field(gt=0)] | None = None
    identities: list[str] = []
    mailbox_limit: Annotated[int, Field(ge=0)] = 10_000
    suppressed_reasons: list[Reason] = ["BOUNCE", "COMPLAINT"]


class SlidingWindow:
    """Counts the units of the last ``seconds``. Entries less than ``grain`` seconds apart share one record."""

    def __init__(self, seconds: float, grain: float = 0.0) -> None:
        self._seconds = seconds
        self._grain = grain
        self._taken: deque[tuple[float, int]] = deque()
        self._sum = 0

    def sum(self, now: float) -> int:
        horizon = now - self._seconds
        while self._taken and self._taken[0][0] <= horizon:
            self._sum -= self._taken.popleft()[1]
        return self._sum

    def take(self, count: int, now: float) -> None:
        self._sum += count
        if self._taken and now - self._taken[-1][0] < self._grain:
            started, taken = self._taken.pop()
            self._taken.append((started, taken + count))
        else:
            self._taken.append((now, count))


class Account:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._second = SlidingWindow(1)
        # With a grain of one second, a day of sending needs at most 86,400 records.
        self._day = SlidingWindow(DAY, grain=1)
        self._api_calls = SlidingWindow(1)

    def check_open(self) -> None:
        if self.settings.suspended:
            raise AccountSuspended("Sending suspended for this account.")
        if self.settings.paused:
            raise SendingPaused("Sending is paused for this account.")

    def check_sender(self, *senders: Mailbox) -> None:
        self._refuse([sender.address for sender in senders if not self.verified(sender)])

    def check_recipients(self, recipients: list[str]) -> None:
        """In the sandbox, emails go to verified identities and to the mailbox simulator only."""
        if not self.settings.sandbox:
            return
        boxes = [Mailbox("", address) for address in recipients]
        self._refuse([box.address for box in boxes if box.domain != SIMULATOR_DOMAIN and not self.verified(box)])

    def _refuse(self, failed: list[str]) -> None:
        if failed:
            raise MessageRejected(
                "Email address is not verified. The following identities failed the check in region US-EAST-1: "
                + ", ".join(dict.fromkeys(failed))
            )

    def verified(self, box: Mailbox) -> bool:
        """A verified domain covers its addresses and its subdomains."""
        identities = {identity.lower() for identity in self.settings.identities}
        labels = box.domain.split(".")
        domains = {".".join(labels[start:]) for start in range(len(labels))}
        return box.address.lower() in identities or not domains.isdisjoint(identities)

    def take(self, recipients: int) -> float:
        """Count the recipients against the rate and the quota, or raise and count none. Returns the monotonic time at
        which they were counted."""
        now = time.monotonic()
        if self._day.sum(now) + recipients > self.settings.quota:
            raise DailyQuotaExceeded
        if self._second.sum(now) + recipients > self.settings.rate + self.settings.burst:
            raise Throttled
        self._second.take(recipients, now)
        self._day.take(recipients, now)
        return now

    def take_api_call(self) -> None:
        """Count a call other than SendEmail and SendBulkEmail. SES allows one per second; here ``api_rate`` if set."""
        if self.settings.api_rate is None:
            return
        now = time.monotonic()
        if self._api_calls.sum(now) + 1 > self.settings.api_rate:
            raise Throttled("Rate exceeded")
        self._api_calls.take(1, now)

    def described(self) -> dict[str, object]:
        """The response of GetAccount."""
        settings = self.settings
        return {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": "SHUTDOWN" if settings.suspended else "HEALTHY",
            "ProductionAccessEnabled": not settings.sandbox,
            "SendingEnabled": not settings.paused and not settings.suspended,
            "SendQuota": {
                "Max24HourSend": float(settings.quota),
                "MaxSendRate": settings.rate,
                "SentLast24Hours": float(self._day.sum(time.monotonic())),
            },
            "SuppressionAttributes": {"SuppressedReasons": settings.suppressed_reasons},
        }
