"""The API's operations on the account and on its suppression list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.utils import parse_to_aware_datetime

from local.ses.account import Account
from local.ses.errors import BadRequest
from local.ses.suppression import Suppressed, SuppressionList


@dataclass(frozen=True, slots=True)
class AccountAPI:
    account: Account
    suppressions: SuppressionList

    def get_account(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return self.account.described()

    def put_account_sending_attributes(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._change(paused=not request.get("SendingEnabled", False))
        return {}

    def put_account_suppression_attributes(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._change(suppressed_reasons=list(request.get("SuppressedReasons") or []))
        return {}

    def put_suppressed_destination(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.suppressions.put(request["EmailAddress"], request["Reason"])
        return {}

    def get_suppressed_destination(self, request: Mapping[str, Any]) -> dict[str, Any]:
        found = self.suppressions.get(request["EmailAddress"])
        attributes = {"MessageId": found.message_id, "FeedbackId": found.feedback_id}
        known = {name: value for name, value in attributes.items() if value}
        return {"SuppressedDestination": _summary(found) | ({"Attributes": known} if known else {})}

    def delete_suppressed_destination(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.suppressions.delete(request["EmailAddress"])
        return {}

    def list_suppressed_destinations(self, request: Mapping[str, Any]) -> dict[str, Any]:
        since, until = (_seconds(request.get(name)) for name in ("StartDate", "EndDate"))
        rows, token = self.suppressions.page(
            request.get("Reasons") or (), since, until, request.get("NextToken"), request.get("PageSize")
        )
        answer: dict[str, Any] = {"SuppressedDestinationSummaries": [_summary(row) for row in rows]}
        return answer | ({"NextToken": token} if token else {})

    def _change(self, **settings: Any) -> None:
        self.account.settings = self.account.settings.model_copy(update=settings)


def _summary(row: Suppressed) -> dict[str, Any]:
    return {"EmailAddress": row.address, "Reason": row.reason, "LastUpdateTime": row.at}


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(parse_to_aware_datetime(text).timestamp())
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"'{text}' is not a timestamp.") from error
