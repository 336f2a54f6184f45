"""GET /u/{token}: show the unsubscribe page.

The request changes nothing, because link scanners open links too.
"""

from aws_lambda_powertools.event_handler import Response

from links import dialect, pages
from optout.messages.link_token import Purpose, read
from optout.web.endpoint import entrypoint, public_resolver
from optout.wiring.links import LinkKeysPort

app = public_resolver(dialect, limits=dialect.limits)


@app.get("/u/<token>")
def page(token: str, keys: LinkKeysPort) -> Response[str]:
    read(keys, Purpose.UNSUBSCRIBE, token)
    return Response(200, pages.HTML, pages.UNSUBSCRIBE)


handler = entrypoint(app)
