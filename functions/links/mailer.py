"""GET, POST /mailer/unsubscribe/{_id}/{createdAt}: say how to unsubscribe, under a link of Rocket.Chat's own mailer.

The link alone does nothing: an id and a time are no secret, and no email of ours has such a link.
"""

from aws_lambda_powertools.event_handler import Response

from links import dialect, pages
from optout.web.endpoint import entrypoint, public_resolver

app = public_resolver(dialect)


@app.get("/mailer/unsubscribe/<subscriber_id>/<created_at>")
def page(subscriber_id: str, created_at: str) -> Response[str]:
    return Response(200, pages.HTML, pages.HOW_TO_UNSUBSCRIBE)


@app.post("/mailer/unsubscribe/<subscriber_id>/<created_at>")
def one_click(subscriber_id: str, created_at: str) -> Response[str]:
    return Response(410, pages.HTML, pages.HOW_TO_UNSUBSCRIBE)


handler = entrypoint(app)
