"""GET /mailer/unsubscribe/{_id}/{createdAt}: do you want to leave? Whether there is somebody is not even looked up."""

from aws_lambda_powertools.event_handler import Response

from links import dialect, mailer_link, pages
from optout.web.endpoint import entrypoint, public_resolver

app = public_resolver(dialect)


@app.get("/mailer/unsubscribe/<subscriber_id>/<created_at>")
def page(subscriber_id: str, created_at: str) -> Response[str]:
    mailer_link.read(subscriber_id, created_at)
    return Response(200, pages.HTML, pages.CONFIRM)


@app.head("/mailer/unsubscribe/<subscriber_id>/<created_at>")
def head(subscriber_id: str, created_at: str) -> Response[str]:
    mailer_link.read(subscriber_id, created_at)
    return Response(200, pages.HTML, "")


handler = entrypoint(app)
