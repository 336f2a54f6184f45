"""POST /api/v1/logout: the end of the token that asks for it."""

from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout import wiring
from optout.credential import Credentials
from optout.http import CallerOf, entrypoint, resolver
from rocketchat import dialect
from rocketchat.account import LoggedOut

app = resolver(dialect)


@app.post("/api/v1/logout")
def logout(caller: CallerOf, credentials: Annotated[Credentials, Depends(wiring.credentials)]) -> LoggedOut:
    credentials.revoke(caller.credential.key_hash)
    return LoggedOut()


handler = entrypoint(app)
