"""POST /mailer/unsubscribe/{_id}/{createdAt}: leave by a link of the mailer before this one, without a login."""

from aws_lambda_powertools.event_handler import Response

from links import dialect, mailer_link, pages
from links.press import require_press
from optout.errors import BadToken
from optout.subscribers.unsubscribe import unsubscribe_by_number
from optout.suppressions.suppression import Reason
from optout.web.endpoint import entrypoint, public_resolver
from optout.web.request import origin
from optout.wiring.access import CredentialsPort
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = public_resolver(dialect)


@app.post("/mailer/unsubscribe/<subscriber_id>/<created_at>")
def one_click(
    subscriber_id: str,
    created_at: str,
    credentials: CredentialsPort,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
) -> Response[str]:
    event = app.current_event.raw_event
    require_press(event)
    number, created = mailer_link.read(subscriber_id, created_at)
    leaving = (number, created, Reason.ONE_CLICK, origin(event, dialect.name, "mailer"))
    # The link does not say whose subscriber it means, so every workspace is asked, and all of them have to be.
    if not sum(unsubscribe_by_number(subscribers, suppressions, own, *leaving) for own in credentials.workspaces()):
        raise BadToken
    return Response(200, pages.HTML, pages.DONE)


handler = entrypoint(app)
