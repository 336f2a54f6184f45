"""POST /api/v1/login: log in with a username and a password.

The response has a token, which is valid for 90 days.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from optout.access.credential import require_known, sign_in
from optout.access.limit import Limits, Window
from optout.web.endpoint import entrypoint, public_resolver
from optout.wiring.access import CredentialsPort
from rocketchat import dialect
from rocketchat.login_schemas import LoginReply, SignIn

LIFETIME = 90 * 24 * 3600
LENGTH = 43
app = public_resolver(dialect, limits=Limits(bad_keys=Window(300, 50)))


@app.post("/api/v1/login")
def login(body: Annotated[SignIn, Body()], credentials: CredentialsPort) -> LoginReply:
    token = sign_in(credentials, dialect.name, body.name, body.password, LIFETIME, LENGTH)
    return LoginReply.of(require_known(credentials, token, dialect.name), token, body.name)


handler = entrypoint(app)
