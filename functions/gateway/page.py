"""The page of /docs: Swagger UI from Powertools and page.js in one page, without resources from other hosts."""

import base64
import hashlib
from pathlib import Path

from aws_lambda_powertools.event_handler.openapi import swagger_ui

_SHIPPED = Path(swagger_ui.__file__).parent
_STYLE = "body{margin:0}noscript{display:block;padding:2rem;font:1rem sans-serif}.response-col_links{display:none}"


def _hash(text: str) -> str:
    """The source expression of an inline script in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_START = Path(__file__).with_name("page.js").read_text()
_UI = (_SHIPPED / "swagger-ui-bundle.min.js").read_text()
_UI_STYLE = (_SHIPPED / "swagger-ui.min.css").read_text()

HTML = "text/html; charset=utf-8"
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_hash(_UI)} {_hash(_START)}; style-src {_hash(_UI_STYLE)} {_hash(_STYLE)}; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    f"<title>optout</title><style>{_UI_STYLE}</style><style>{_STYLE}</style></head>"
    '<body><noscript>This page needs JavaScript. See <a href="openapi.json">openapi.json</a> instead.</noscript>'
    f'<main id="page"></main><script>{_UI}</script><script>{_START}</script></body></html>'
)
