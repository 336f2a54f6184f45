"""aws.provider.account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from optout.errors import NotSent
from optout.provider.send_rate import Account

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import BulkEmailEntryTypeDef

    _Entries = Mapping[int, BulkEmailEntryTypeDef]  # by position in the chunk


@dataclass(frozen=True, slots=True)
class SESAccount:
    """The `Provider` port."""

    client: "SESV2Client"

    def account(self) -> Account:
        try:
            found = self.client.get_account()
        except (ClientError, BotoCoreError) as error:
            raise NotSent("GetAccount") from error
        quota = found["SendQuota"]
        is_enabled = found.get("SendingEnabled", True)
        return Account(quota["MaxSendRate"], quota["Max24HourSend"], quota["SentLast24Hours"], is_enabled)
