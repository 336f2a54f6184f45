"""GET /rest/V1/store/websites: list the websites.

There is always one. Clients call this endpoint to check their token.
"""

from typing import Any

from mirasvit import dialect
from optout.web.endpoint import entrypoint, resolver

app = resolver(dialect)


@app.get("/rest/V1/store/websites")
@app.get("/rest/<store>/V1/store/websites")
def websites() -> list[dict[str, Any]]:
    return [{"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1}]


handler = entrypoint(app)
