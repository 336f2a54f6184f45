"""POST /mailer/unsubscribe/{_id}/{createdAt}: unsubscribe using a link of the Rocket.Chat mailer, without a login."""

from aws_lambda_powertools.event_handler import Response

from links import dialect, mailer_link, pages
from links.forms import require_one_click
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
    require_one_click(event)
    number, created = mailer_link.read(subscriber_id, created_at)
    request = (number, created, Reason.ONE_CLICK, origin(event, dialect.name, "mailer"))
    # The link does not name a workspace, so the subscriber is looked for in every one, without stopping at the first.
    if not sum(unsubscribe_by_number(subscribers, suppressions, own, *request) for own in credentials.workspaces()):
        raise BadToken
    return Response(200, pages.HTML, pages.UNSUBSCRIBED)


handler = entrypoint(app)
