"""What became of a campaign's recipients who opted out meanwhile: the times of opt-outs, claims and emails."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Self

from tests.reliability.leaving import Acknowledged
from tests.reliability.mailer import Mailer


@dataclass(frozen=True)
class History:
    """The acknowledged opt-outs by address, the claims (epoch milliseconds, by block and by recipient) and the accepted
    emails."""

    acknowledged: Mapping[str, Acknowledged]
    claims: Mapping[str, int]
    first_claim: Mapping[str, int]
    accepted: list[Mapping[str, Any]]

    @classmethod
    def of(cls, mailer: Mailer, acknowledged: Mapping[str, Acknowledged]) -> Self:
        claims, first_claim = dict[str, int](), dict[str, int]()
        for chunk in mailer.chunks():
            for row in mailer.campaigns.rows(mailer.number, chunk.index):
                claims[row.block.id] = row.claimed
                for at in row.block.positions:
                    first_claim.setdefault(chunk.recipients[at].email, row.claimed)
        return cls(acknowledged, claims, first_claim, list(mailer.accepted()))

    def before(self) -> set[str]:
        """Recipients whose opt-out was acknowledged before their first claim. Both times are rounded down, so equal
        times prove nothing."""
        return {email for email, told in self.acknowledged.items() if told.at < self.first_claim.get(email, 0)}

    def meanwhile(self) -> set[str]:
        """Those of them who opted out while other emails were sent."""
        began = min(self.claims.values())
        return {email for email in self.before() if self.acknowledged[email].at > began}

    def violations(self) -> list[Mapping[str, Any]]:
        """Emails of a block that was claimed after the recipient's opt-out had been acknowledged."""
        return [
            row
            for row in self.accepted
            if row["recipient"] in self.acknowledged
            and self.acknowledged[row["recipient"]].at < self.claims[row["tags"]["blk"]]
        ]

    def after(self) -> list[float]:
        """The milliseconds from the acknowledgement to the acceptance of the email, for recipients with both; mostly
        below 0."""
        return [
            1000 * (row["monotonic"] - self.acknowledged[row["recipient"]].monotonic)
            for row in self.accepted
            if row["recipient"] in self.acknowledged
        ]

    def __str__(self) -> str:
        overlaps = [one for one in self.after() if one > 0]
        window = "nobody was mailed after being told"
        if len(overlaps) > 1:
            p99 = quantiles(overlaps, n=100, method="inclusive")[98]
            window = f"{len(overlaps)} mailed after being told, p99 {p99:.0f} ms, maximum {max(overlaps):.0f} ms"
        elif overlaps:
            window = f"1 mailed after being told, {overlaps[0]:.0f} ms"
        return (
            f"{len(self.acknowledged)} opt-outs: {len(self.before())} before their claim "
            f"({len(self.meanwhile())} of them while others were mailed), {len(self.after())} mailed; {window}"
        )
