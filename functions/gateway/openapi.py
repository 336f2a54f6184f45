"""GET /openapi.json: download the OpenAPI document."""

from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

from gateway import dialect
from optout.web.endpoint import entrypoint, public_resolver

app = public_resolver(dialect)


@cache
def document() -> str:
    """The file that ./dev openapi generates."""
    return Path(__file__).with_name("openapi.json").read_text()


@app.get(
    "/openapi.json",
    compress=True,
    cache_control="public, max-age=300",
    responses={200: {"description": "This document", "content": {"application/json": {"schema": {"type": "object"}}}}},
)
def openapi() -> Response[str]:
    return Response(200, "application/json", document())


handler = entrypoint(app)
