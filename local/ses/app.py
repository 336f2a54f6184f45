"""Everything put together: the API, the control routes, and their common state."""

from collections.abc import AsyncIterator
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
from local.ses.envelope import Reception
from local.ses.faults import Faults
from local.ses.ledger import Ledger
from local.ses.mailbox import MailStore
from local.ses.operations import Operations
from local.ses.outcomes import Judge
from local.ses.proxy import Proxy
from local.ses.publisher import EventPublisher
from local.ses.sending import Sending
from local.ses.suppression import SuppressionList

SECONDS_TO_PUBLISH_WHAT_IS_LEFT = 3.0
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]


def create(engine: str, settings: Settings, state: Path, event_workers: int = 2) -> Starlette:
    account, faults, ledger = Account(settings), Faults(), Ledger(state)
    suppressions, mails = SuppressionList(), MailStore(settings.mailbox_limit)
    publisher, proxy = EventPublisher(engine, event_workers), Proxy(engine)
    delivery = Delivery(ledger, mails, Judge(account, suppressions), faults, publisher)
    sending = Sending(Reception(account, ConfigurationSets(engine)), account, delivery, faults)
    api = API(Operations(), account, AccountAPI(account, suppressions), sending, faults, ledger, proxy)
    control = Control(account, faults, ledger, mails, publisher)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        publisher.stop(SECONDS_TO_PUBLISH_WHAT_IS_LEFT)
        await proxy.close()
        ledger.close()

    routes = [*control.routes(), Route("/v2/{path:path}", api.__call__, methods=METHODS)]
    return Starlette(routes=routes, exception_handlers=ERROR_HANDLERS, lifespan=lifespan)
