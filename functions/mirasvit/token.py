"""POST /rest/V1/integration/admin/token: log in with a username and a password.

The response is a token, which is valid for four hours.
"""

import json
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from mirasvit import dialect
from mirasvit.schemas import InvalidSignIn, SignIn
from optout.access.credential import sign_in
from optout.access.limit import Limits, Window
from optout.web.endpoint import entrypoint, public_resolver
from optout.wiring.access import CredentialsPort

LIFETIME = 4 * 3600
LENGTH = 32
app = public_resolver(dialect, InvalidSignIn, Limits(bad_keys=Window(600, 20)))


@app.post("/rest/V1/integration/admin/token")
@app.post("/rest/<store>/V1/integration/admin/token")
def token(body: Annotated[SignIn, Body()], credentials: CredentialsPort) -> Response[str]:
    made = sign_in(credentials, dialect.name, body.username, body.password, LIFETIME, LENGTH)
    return Response(200, dialect.content_type, json.dumps(made))


handler = entrypoint(app)
