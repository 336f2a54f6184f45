"""The data of the files in events/: two workspaces, their credentials, one record, one subscriber, one campaign.

Every key here is an example and opens nothing.
"""

from collections.abc import Mapping

from optout.access.credential import Credential, Login, hash_key
from optout.access.limit import ANY, Window, Windows
from optout.address import Address
from optout.aws.dynamodb import pack
from optout.aws.provider.send_limiter import DynamoDBSendLimiter
from optout.aws.subscribers.store import DynamoDBSubscribers
from optout.campaigns.campaign import Campaign
from optout.messages.body import Body
from optout.messages.link_token import ConfirmationLink, Link, Purpose, mark, mint, mint_confirmation
from optout.messages.template import compose
from optout.origin import Origin
from optout.runtime.html import parse_html
from optout.scope import EVERYTHING
from optout.subscribers.subscriber import Status, Subscriber
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Action, Cause, Change, Suppression
from optout.wiring.access import credentials
from optout.wiring.campaigns import campaigns
from optout.wiring.clients import keyed_hash
from optout.wiring.provider import send_limiter as wired_send_limiter
from optout.wiring.subscribers import subscribers as wired_subscribers
from optout.wiring.suppressions import suppressions

AT = 1_787_580_922_000  # 2026-08-24T14:15:22Z
RECORD = 859_111_923_712_001  # made then, as the subscriber was
SUBSCRIBER = 859_111_923_712_002
CAMPAIGN = 859_112_169_472_003  # a minute later
OTHER_RECORD = 859_111_923_712_011
OTHER_SUBSCRIBER = 859_111_923_712_012
PENDING_SUBSCRIBER = 859_111_923_712_021  # pending in the newsletter "daily" of a third workspace
REQUESTED_AT = 4_102_444_800_000  # in 2100: the link in events/links does not lapse

WORKSPACE = "acme"
OTHER_WORKSPACE = "globex"
THIRD_WORKSPACE = "initech"
NEWSLETTER = "weekly"
LEFT = Address.parse("left@reader.example")
ADA = Address.parse("ada@reader.example")
GRACE = Address.parse("grace@reader.example")
LINK_KEY = "example-link-key-for-tests-and-events-only"
PEPPER = "example-pepper-for-tests-only"
OFTEN: Mapping[str, Windows] = {ANY: (Window(60, 10_000),)}  # as often as any test may call
CONSUMER = "exampleMirasvitConsumerKeyAcme00"  # of every Mirasvit token
USERNAME = "acme-admin"
PASSWORD = "example password of acme"

REPZO = {"api-key": "example-repzo-key-of-acme"}
LETTERBUCKET = {"authorization": "Bearer sk_exampleLetterbucketKeyOfAcme0000"}
MIRASVIT = {"authorization": "Bearer exampleMirasvitAccessTokenAcme00"}
NATIVE = {"authorization": "Bearer example-native-key-of-acme"}
ROCKETCHAT = {"x-auth-token": "example-rocketchat-token-of-acme", "x-user-id": "rYNQ7mvHv2hPpLDyy"}
OTHER_REPZO = {"api-key": "example-repzo-key-of-globex"}
OTHER_LETTERBUCKET = {"authorization": "Bearer sk_exampleLetterbucketKeyGlobex000"}
OTHER_MIRASVIT = {"authorization": "Bearer exampleMirasvitAccessTokenGlobex"}
OTHER_NATIVE = {"authorization": "Bearer example-native-key-of-globex"}
OTHER_ROCKETCHAT = {"x-auth-token": "example-rocketchat-token-of-globex", "x-user-id": "aB3dE5gH7jK9mN2pQ"}

CREDENTIALS = {
    "repzo": REPZO,
    "letterbucket": LETTERBUCKET,
    "mirasvit": MIRASVIT,
    "rocketchat": ROCKETCHAT,
    "native": NATIVE,
}
OTHER_CREDENTIALS = {
    "repzo": OTHER_REPZO,
    "letterbucket": OTHER_LETTERBUCKET,
    "mirasvit": OTHER_MIRASVIT,
    "rocketchat": OTHER_ROCKETCHAT,
    "native": OTHER_NATIVE,
}
NOT_FOR_API = {"authorization": "Bearer sk_exampleLetterbucketWithoutApi000"}
NOT_FOR_MODULE = {"authorization": "Bearer sk_exampleLetterbucketNoModule0000"}
OTHER_NEWSLETTER = {"authorization": "Bearer sk_exampleLetterbucketMonthly00000"}
MIRASVIT_OVERRIDE = {"authorization": "Bearer exampleMirasvitMayOverrideAcme00"}
MAY_SEND_TRANSACTIONAL = {"authorization": "Bearer example-native-key-for-transactional-campaigns"}
MAY_OVERRIDE = {"authorization": "Bearer example-native-key-that-may-override"}
MAY_NOT_SEND = {"x-auth-token": "example-rocketchat-token-without-send", "x-user-id": "rYNQ7mvHv2hPpLDyy"}


def store() -> None:
    """Put all of it into the empty tables."""
    for workspace, owned in ((WORKSPACE, CREDENTIALS), (OTHER_WORKSPACE, OTHER_CREDENTIALS)):
        for dialect, headers in owned.items():
            add_credential(dialect, headers, workspace, newsletter=NEWSLETTER)
    add_credential("letterbucket", NOT_FOR_API, permissions={"subscribers"})
    add_credential("letterbucket", NOT_FOR_MODULE, permissions={"api"})
    add_credential("letterbucket", OTHER_NEWSLETTER, newsletter="monthly")
    add_credential("rocketchat", MAY_NOT_SEND, permissions=set())
    add_credential("native", MAY_OVERRIDE, permissions={"override"})
    add_credential("native", MAY_SEND_TRANSACTIONAL, permissions={"send-mail", "transactional"})
    add_credential("mirasvit", MIRASVIT_OVERRIDE, permissions={"override"})
    add_login("mirasvit")
    add_login("rocketchat", ROCKETCHAT["x-user-id"], frozenset({"send-mail"}))
    add_subscriber(SUBSCRIBER, ADA, "Ada Lovelace")
    add_subscriber(OTHER_SUBSCRIBER, Address.parse("eve@reader.example"), "Eve", OTHER_WORKSPACE)
    add_subscriber(PENDING_SUBSCRIBER, GRACE, "Grace Hopper", THIRD_WORKSPACE, "daily", Status.PENDING)
    add_record(RECORD, LEFT)
    add_record(OTHER_RECORD, Address.parse("far@reader.example"), OTHER_WORKSPACE)
    add_pace()
    content = compose(
        "What is new, [fname]", Body(parse_html, "Hello [name],\nthis is new.\n\nTo leave: [unsubscribe]")
    )
    campaigns().create(Campaign(CAMPAIGN, WORKSPACE, "Our News <news@example.com>", "newsletter:weekly"), content)


def add_credential(
    dialect: str,
    headers: dict[str, str],
    workspace: str = WORKSPACE,
    *,
    newsletter: str = NEWSLETTER,
    permissions: set[str] | None = None,
    limits: Mapping[str, Windows] = OFTEN,
) -> None:
    key = next(iter(headers.values())).removeprefix("Bearer ")
    granted = frozenset({"api", "subscribers", "send-mail"} if permissions is None else permissions)
    user = headers.get("x-user-id", "")
    senders = ("news@example.com",)
    consumer = hash_key(CONSUMER) if dialect == "mirasvit" else ""
    credential = Credential(
        hash_key(key), workspace, dialect, user, granted, newsletter, senders, consumer, limits=limits
    )
    credentials().add(credential)


def add_login(dialect: str, user: str = "", permissions: frozenset[str] = frozenset()) -> None:
    """A user with USERNAME and PASSWORD."""
    senders = ("news@example.com",)
    grants = Credential("", WORKSPACE, dialect, user, permissions, NEWSLETTER, senders, limits=OFTEN)
    credentials().add_login(Login.of(dialect, USERNAME, PASSWORD, grants))


def add_subscriber(
    number: int,
    address: Address,
    name: str | None,
    workspace: str = WORKSPACE,
    newsletter: str = NEWSLETTER,
    status: Status = Status.ACTIVE,
) -> None:
    subscribers = wired_subscribers()
    assert isinstance(subscribers, DynamoDBSubscribers)
    subscribers.open_newsletter(workspace, newsletter, "news@example.com", f"The {newsletter.title()}")
    subscribers.add(Subscriber(workspace, newsletter, number, address, name, status, AT))


def add_pace() -> None:
    """The state of the SES account, as if it had just been read: moto has no GetAccount."""
    send_limiter = wired_send_limiter()
    assert isinstance(send_limiter, DynamoDBSendLimiter)
    account = {
        "rate": 50_000,
        "quota": 50_000,
        "sent": 100,
        "enabled": True,
        "read_at": REQUESTED_AT,
        "day_began": AT,
    }
    state = {"leased": 0, "factor": 1000, "slowed_at": 0, "paused_until": 0, "read_claimed_at": AT}
    send_limiter.client.put_item(
        TableName=send_limiter.table, Item=pack({"pk": "send_rate", "sk": "send_rate", **account, **state})
    )


def add_record(number: int, address: Address, workspace: str = WORKSPACE) -> None:
    """A person who unsubscribed from everything at AT."""
    cause = Cause(Reason.UNSUBSCRIBED, AT, AT, "repzo", "example", "Too many mails")
    record = Suppression(workspace, number, address, EVERYTHING, (cause,), "axios/0.26.1", "", AT, AT)
    before = AddressState(workspace, address)
    after = AddressState(workspace, address, 1, {EVERYTHING: record.entry})
    change = Change(Action.SUPPRESSED, 1, AT, Origin("repzo", "example"), record, (cause.reason,))
    suppressions().commit(before, after, change)


def token(link: Link | None = None) -> str:
    """The token in events/links/, or one for another link, signed with the example key."""
    return mint({1: LINK_KEY.encode()}, Purpose.UNSUBSCRIBE, link or Link(CAMPAIGN, SUBSCRIBER))


def confirmation_token(requested_at: int = REQUESTED_AT, address: Address = GRACE) -> str:
    """The token in events/links/confirm.json, or one with another time or address, signed with the example key."""
    hashed = mark(keyed_hash()(address.key_form))
    return mint_confirmation(
        {1: LINK_KEY.encode()}, ConfirmationLink(THIRD_WORKSPACE, "daily", PENDING_SUBSCRIBER, requested_at, hashed)
    )
