"""The ASGI application: the API, the control routes, and the state they share."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from local.ses.account import Account, Settings
from local.ses.account_api import AccountAPI
from local.ses.api import API
from local.ses.configuration_sets import ConfigurationSets
from local.ses.control import ERROR_HANDLERS, Control
from local.ses.delivery import Delivery
from local.ses.envelope import EnvelopeReader
from local.ses.faults import Faults
from local.ses.ledger import Ledger
from local.ses.mailbox import MailStore
from local.ses.operations import Operations
from local.ses.outcomes import Judge
from local.ses.proxy import Proxy
from local.ses.publisher import EventPublisher
from local.ses.send import SendAPI
from local.ses.suppression import SuppressionList

SECONDS_TO_STOP = 3.0
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]


def create(
    engine: str, settings: Settings, state: Path, mailbox_fields: Mapping[str, str], event_workers: int
) -> Starlette:
    """``engine`` is the URL of the AWS emulator, ``state`` the directory of the ledger; ``mailbox_fields`` maps field
    names of mailbox.json to message tags."""
    account, faults, ledger = Account(settings), Faults(), Ledger(state)
    suppressions, mails = SuppressionList(), MailStore(settings.mailbox_limit, mailbox_fields)
    publisher, proxy = EventPublisher(engine, event_workers), Proxy(engine)
    delivery = Delivery(ledger, mails, Judge(account, suppressions), faults, publisher)
    send_api = SendAPI(EnvelopeReader(account, ConfigurationSets(engine)), account, delivery, faults)
    api = API(Operations(), account, AccountAPI(account, suppressions), send_api, faults, ledger, proxy)
    control = Control(account, faults, ledger, mails, publisher)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        publisher.stop(SECONDS_TO_STOP)
        await proxy.close()
        ledger.close()

    routes = [*control.routes(), Route("/v2/{path:path}", api.__call__, methods=METHODS)]
    return Starlette(routes=routes, exception_handlers=ERROR_HANDLERS, lifespan=lifespan)
