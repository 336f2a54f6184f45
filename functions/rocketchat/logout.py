"""POST /api/v1/logout: the end of the token that asks for it."""

from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.access import CredentialsPort
from rocketchat import dialect
from rocketchat.login_schemas import LoggedOut

app = resolver(dialect)


@app.post("/api/v1/logout")
def logout(caller: CallerOf, credentials: CredentialsPort) -> LoggedOut:
    credentials.revoke(caller.credential.key_hash)
    return LoggedOut()


handler = entrypoint(app)
