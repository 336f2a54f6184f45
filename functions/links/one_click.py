"""POST /u/{token}: leave, at once and without a login (RFC 8058)."""

from aws_lambda_powertools.event_handler import Response

from links import dialect, pages
from links.press import require_press
from optout.http import entrypoint, origin, public_resolver
from optout.token import Purpose, read
from optout.unsubscribing import unsubscribe_by_link
from optout.wiring import CampaignsPort, LinkKeysPort, SubscribersPort, SuppressionsPort

app = public_resolver(dialect)


@app.post("/u/<token>")
def one_click(
    token: str,
    keys: LinkKeysPort,
    campaigns: CampaignsPort,
    subscribers: SubscribersPort,
    suppressions: SuppressionsPort,
) -> Response[str]:
    event = app.current_event.raw_event
    require_press(event)
    link = read(keys, Purpose.UNSUBSCRIBE, token)
    unsubscribe_by_link(link, campaigns, subscribers, suppressions, origin(event, dialect.name, str(link.campaign)))
    return Response(200, pages.HTML, pages.DONE)


handler = entrypoint(app)
