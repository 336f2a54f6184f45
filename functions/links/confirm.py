"""POST /c/{token}: confirm the subscription to a newsletter (double opt-in).

An expired link changes nothing and gets a page that says so.
"""

from aws_lambda_powertools.event_handler import Response

from links import dialect, pages
from links.forms import require_confirmation
from optout.confirmations.confirm import Answer, confirm
from optout.messages.link_token import read_confirmation
from optout.web.endpoint import entrypoint, public_resolver
from optout.web.request import origin
from optout.wiring.clients import keyed_hash
from optout.wiring.links import LinkKeysPort
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = public_resolver(dialect, limits=dialect.limits)


@app.post("/c/<token>")
def confirm_subscription(
    token: str, keys: LinkKeysPort, subscribers: SubscribersPort, suppressions: SuppressionsPort
) -> Response[str]:
    event = app.current_event.raw_event
    require_confirmation(event)
    link = read_confirmation(keys, token)
    found = confirm(subscribers, suppressions, link, keyed_hash(), origin(event, dialect.name, "confirmation"))
    if found.answer is Answer.LAPSED:
        return Response(410, pages.HTML, pages.EXPIRED)
    return Response(200, pages.HTML, pages.blocked(found.rules) if found.rules else pages.SUBSCRIBED)


handler = entrypoint(app)
