"""The envelope that SendEmail and SendBulkEmail share: sender, reply addresses, tags and configuration set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.ses import addresses, limits
from local.ses.account import Account
from local.ses.addresses import Mailbox
from local.ses.configuration_sets import ConfigurationSet, ConfigurationSets
from local.ses.errors import BadRequest, ConfigurationSetPaused, NotFound


@dataclass(frozen=True, slots=True)
class Envelope:
    sender: str
    source: Mailbox
    reply_to: list[str]
    return_path: str
    tags: dict[str, str]
    configuration_set: ConfigurationSet | None


@dataclass(frozen=True, slots=True)
class EnvelopeReader:
    """Makes every check that SES makes before it looks at recipients and content."""

    account: Account
    configuration_sets: ConfigurationSets

    async def read(self, request: Mapping[str, Any], sender: str | None, tags: list[dict[str, str]]) -> Envelope:
        self._refuse_unsupported(request)
        if not sender:
            raise BadRequest("FromEmailAddress is required.")
        source = addresses.parse(sender)
        reply_to = request.get("ReplyToAddresses") or []
        for text in reply_to:
            addresses.parse(text)
        feedback = request.get("FeedbackForwardingEmailAddress")
        checked_tags = limits.tags(tags)
        self.account.check_open()
        self.account.check_sender(source, *([addresses.parse(feedback)] if feedback else []))
        configuration_set = await self._configuration_set(request.get("ConfigurationSetName"))
        return Envelope(sender, source, reply_to, feedback or source.address, checked_tags, configuration_set)

    async def _configuration_set(self, name: str | None) -> ConfigurationSet | None:
        if not name:
            return None
        found = await self.configuration_sets.get(name)
        if not found.sending_enabled:
            raise ConfigurationSetPaused(f"Sending is paused for configuration set <{name}>.")
        return found

    @staticmethod
    def _refuse_unsupported(request: Mapping[str, Any]) -> None:
        """Reject options that the stand-in does not implement, instead of ignoring them."""
        if request.get("ListManagementOptions"):
            name = request["ListManagementOptions"]["ContactListName"]
            raise NotFound(f"List with name: {name} doesn't exist.")
        if request.get("TenantName"):
            raise NotFound(f"Tenant <{request['TenantName']}> does not exist.")
        if request.get("EndpointId"):
            raise BadRequest(f"Endpoint <{request['EndpointId']}> does not exist.")
