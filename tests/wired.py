"""Every cached thing of the wiring, for tests: one name each."""

from optout.wiring.access import credentials, limiter
from optout.wiring.campaigns import (
    CampaignsPort,
    ExpandQueuePort,
    campaigns,
    deliver_queue,
    expand_queue,
    previewing,
    waking,
)
from optout.wiring.clients import dynamodb, keyed_hash, lean, one_shot, queue, secrets, session, settings
from optout.wiring.confirmations import ConfirmBellPort, askings, confirm_bell, confirm_queue, inviter, inviting
from optout.wiring.delivery import delivery, evidence, expansion, reconciliation, sender, sent_files, sweep
from optout.wiring.feedback import recording
from optout.wiring.imports import FilesPort, ImportQueuePort, ImportsPort, files, import_queue, import_run, imports
from optout.wiring.links import LinkKeysPort, link_keys, links, site
from optout.wiring.provider import slots
from optout.wiring.subscribers import SubscribersPort, subscribers
from optout.wiring.suppressions import SuppressionsPort, suppressions

__all__ = [
    "CampaignsPort",
    "ConfirmBellPort",
    "ExpandQueuePort",
    "FilesPort",
    "ImportQueuePort",
    "ImportsPort",
    "LinkKeysPort",
    "SubscribersPort",
    "SuppressionsPort",
    "askings",
    "campaigns",
    "confirm_bell",
    "confirm_queue",
    "credentials",
    "deliver_queue",
    "delivery",
    "dynamodb",
    "evidence",
    "expand_queue",
    "expansion",
    "files",
    "import_queue",
    "import_run",
    "imports",
    "inviter",
    "inviting",
    "keyed_hash",
    "lean",
    "limiter",
    "link_keys",
    "links",
    "one_shot",
    "previewing",
    "queue",
    "reconciliation",
    "recording",
    "secrets",
    "sender",
    "sent_files",
    "session",
    "settings",
    "site",
    "slots",
    "subscribers",
    "suppressions",
    "sweep",
    "waking",
]
