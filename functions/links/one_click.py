"""POST /u/{token}: unsubscribe with one click and without a login (RFC 8058)."""

from aws_lambda_powertools.event_handler import Response

from links import dialect, pages
from links.forms import require_one_click
from optout.campaigns.links import unsubscribe_by_link
from optout.errors import BadToken
from optout.messages.link_token import Purpose, read
from optout.web.endpoint import entrypoint, public_resolver
from optout.web.request import origin
from optout.wiring.campaigns import CampaignsPort
from optout.wiring.links import LinkKeysPort
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = public_resolver(dialect, limits=dialect.limits)


@app.post("/u/<token>")
def one_click(
    token: str,
    keys: LinkKeysPort,
    campaigns: CampaignsPort,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
) -> Response[str]:
    event = app.current_event.raw_event
    require_one_click(event)
    link = read(keys, Purpose.UNSUBSCRIBE, token)
    speaker = origin(event, dialect.name, str(link.campaign))
    if unsubscribe_by_link(link, campaigns, subscribers, suppressions, speaker) is None:
        raise BadToken  # nothing was stored, so the page must not say that it was
    return Response(200, pages.HTML, pages.UNSUBSCRIBED)


handler = entrypoint(app)
