"""POST /rest/V1/integration/admin/token: a name and a password for a token that is good for four hours."""

import json
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Body

from mirasvit import dialect
from mirasvit.schemas import NoSignIn, SignIn
from optout import wiring
from optout.credential import Credentials, sign_in
from optout.http import entrypoint, public_resolver
from optout.limit import Limits, Window

LIFETIME = 4 * 3600
LENGTH = 32
app = public_resolver(dialect, NoSignIn, Limits(bad_keys=Window(600, 20)))


@app.post("/rest/V1/integration/admin/token")
@app.post("/rest/V1/integration/admin/token/")
@app.post("/rest/<store>/V1/integration/admin/token")
@app.post("/rest/<store>/V1/integration/admin/token/")
def token(
    body: Annotated[SignIn, Body()], credentials: Annotated[Credentials, Depends(wiring.credentials)]
) -> Response[str]:
    made = sign_in(credentials, dialect.name, body.username, body.password, LIFETIME, LENGTH)
    return Response(200, dialect.content_type, json.dumps(made))


handler = entrypoint(app)
