"""GET /c/{token}: show the page that confirms a subscription.

The request changes nothing, because link scanners open links too.
"""

from aws_lambda_powertools.event_handler import Response

from links import dialect, pages
from optout.messages.link_token import read_confirmation
from optout.web.endpoint import entrypoint, public_resolver
from optout.wiring.links import LinkKeysPort

app = public_resolver(dialect, limits=dialect.limits)


@app.get("/c/<token>")
def page(token: str, keys: LinkKeysPort) -> Response[str]:
    read_confirmation(keys, token)
    return Response(200, pages.HTML, pages.SUBSCRIBE)


handler = entrypoint(app)
