"""The page of /docs: Swagger UI from Powertools in one page, without resources from other hosts.

It shows each operation once, because its description lists the other spellings of its path.
"""

import base64
import hashlib
from pathlib import Path

from aws_lambda_powertools.event_handler.openapi import swagger_ui

_SHIPPED = Path(swagger_ui.__file__).parent
_STYLE = "body{margin:0}noscript{display:block;padding:2rem;font:1rem sans-serif}.response-col_links{display:none}"
_START = """
(async () => {
  const spec = await (await fetch("openapi.json")).json();
  const [summary] = spec.info.description.split("\\n\\n");
  spec.info.description = summary + "\\n\\nThis page is made from [openapi.json](openapi.json).";
  delete spec.servers;
  for (const item of Object.values(spec.paths))
    for (const [method, operation] of Object.entries(item))
      if (operation["x-spelling-of"]) delete item[method];
  const look = { layout: "BaseLayout", defaultModelsExpandDepth: -1, deepLinking: true, displayRequestDuration: true };
  SwaggerUIBundle({ spec, dom_id: "#page", validatorUrl: null, ...look });
})();
"""


def _hash(text: str) -> str:
    """The source expression of an inline script in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


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
