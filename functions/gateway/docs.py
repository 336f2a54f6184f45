"""GET /docs: show the API documentation, with a form to try each endpoint."""

from aws_lambda_powertools.event_handler import Response

from gateway import dialect, page
from optout.web.endpoint import entrypoint, public_resolver

app = public_resolver(dialect)


@app.get(
    "/docs",
    compress=True,
    cache_control="public, max-age=300",
    responses={200: {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}},
)
def docs() -> Response[str]:
    return Response(200, page.HTML, page.PAGE, headers=page.HEADERS)


handler = entrypoint(app)
