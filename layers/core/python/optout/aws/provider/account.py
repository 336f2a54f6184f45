"""The sending limits of the SES account."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from optout.errors import NotSent
from optout.provider.send_rate import Account

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@dataclass(frozen=True, slots=True)
class SESAccount:
    """The `Provider` port. `NotSent` reports a failure of the call."""

    client: "SESV2Client"

    def account(self) -> Account:
        try:
            found = self.client.get_account()
        except (ClientError, BotoCoreError) as error:
            raise NotSent("GetAccount") from error
        quota = found["SendQuota"]
        is_enabled = found.get("SendingEnabled", True)
        plan = found.get("PricingAttributes", {}).get("CurrentPlan", "")
        return Account(quota["MaxSendRate"], quota["Max24HourSend"], quota["SentLast24Hours"], is_enabled, plan)
