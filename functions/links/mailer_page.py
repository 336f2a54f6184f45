"""GET /mailer/unsubscribe/{_id}/{createdAt}: show the unsubscribe page of a Rocket.Chat mailer link.

The subscriber is not looked up, so the page does not reveal whether there is one.
"""

from aws_lambda_powertools.event_handler import Response

from links import dialect, mailer_link, pages
from optout.web.endpoint import entrypoint, public_resolver

app = public_resolver(dialect)


@app.get("/mailer/unsubscribe/<subscriber_id>/<created_at>")
def page(subscriber_id: str, created_at: str) -> Response[str]:
    mailer_link.read(subscriber_id, created_at)
    return Response(200, pages.HTML, pages.UNSUBSCRIBE)


@app.head("/mailer/unsubscribe/<subscriber_id>/<created_at>")
def head(subscriber_id: str, created_at: str) -> Response[str]:
    mailer_link.read(subscriber_id, created_at)
    return Response(200, pages.HTML, "")


handler = entrypoint(app)
