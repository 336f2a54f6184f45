"""Configuration sets, read from the AWS emulator (the engine) and cached for two seconds."""

import asyncio
import os
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.ses.errors import ConfigurationSetNotFound, ServiceUnavailable

SECONDS_REMEMBERED = 2.0

# The API's name of an event type, and the name in the events themselves.
EVENT_KINDS = {
    "SEND": "Send",
    "DELIVERY": "Delivery",
    "BOUNCE": "Bounce",
    "COMPLAINT": "Complaint",
    "REJECT": "Reject",
    "RENDERING_FAILURE": "Rendering Failure",
    "DELIVERY_DELAY": "DeliveryDelay",
}


@dataclass(frozen=True, slots=True)
class EventDestination:
    """``arn`` is that of an SNS topic or of a Firehose stream; ``kinds`` are the event types it subscribes to."""

    arn: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class ConfigurationSet:
    name: str
    sending_enabled: bool
    suppressed_reasons: frozenset[str] | None
    destinations: tuple[EventDestination, ...]


def engine_client(service: str, engine: str) -> Any:
    """A boto3 client for the engine. It makes one attempt per call; retries are up to the caller."""
    return boto3.client(
        service,  # type: ignore[call-overload, unused-ignore]
        endpoint_url=engine,
        region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "test"),
        aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10, max_pool_connections=20),
    )


class ConfigurationSets:
    def __init__(self, engine: str) -> None:
        self._sesv2 = engine_client("sesv2", engine)
        self._known: dict[str, tuple[float, ConfigurationSet]] = {}
        self._reading = asyncio.Lock()

    async def get(self, name: str) -> ConfigurationSet:
        known = self._remembered(name)
        if known:
            return known
        async with self._reading:
            return self._remembered(name) or await self._read(name)

    def _remembered(self, name: str) -> ConfigurationSet | None:
        until, known = self._known.get(name, (0.0, None))
        return known if time.monotonic() < until else None

    async def _read(self, name: str) -> ConfigurationSet:
        try:
            found = await asyncio.to_thread(self._from_engine, name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NotFoundException":
                raise ConfigurationSetNotFound(name) from error
            raise ServiceUnavailable(f"The AWS emulator refused to describe configuration set <{name}>.") from error
        except BotoCoreError as error:
            raise ServiceUnavailable("The AWS emulator did not respond.") from error
        self._known[name] = (time.monotonic() + SECONDS_REMEMBERED, found)
        return found

    def _from_engine(self, name: str) -> ConfigurationSet:
        settings = self._sesv2.get_configuration_set(ConfigurationSetName=name)
        events = self._sesv2.get_configuration_set_event_destinations(ConfigurationSetName=name)
        reasons = settings.get("SuppressionOptions", {}).get("SuppressedReasons")
        return ConfigurationSet(
            name=name,
            sending_enabled=settings.get("SendingOptions", {}).get("SendingEnabled", True),
            suppressed_reasons=None if reasons is None else frozenset(reasons),
            destinations=tuple(_destination(item) for item in events.get("EventDestinations", []) if _publishes(item)),
        )


def _publishes(item: dict[str, Any]) -> bool:
    """SNS and Firehose are supported; other kinds of destination are ignored."""
    return bool(item.get("Enabled")) and ("SnsDestination" in item or "KinesisFirehoseDestination" in item)


def _destination(item: dict[str, Any]) -> EventDestination:
    kinds = frozenset(EVENT_KINDS[kind] for kind in item["MatchingEventTypes"] if kind in EVENT_KINDS)
    if "SnsDestination" in item:
        return EventDestination(item["SnsDestination"]["TopicArn"], kinds)
    return EventDestination(item["KinesisFirehoseDestination"]["DeliveryStreamArn"], kinds)
