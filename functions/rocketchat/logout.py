"""POST /api/v1/logout: log out and revoke the token of the request."""

from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.access import CredentialsPort
from rocketchat import dialect
from rocketchat.login_schemas import LogoutReply

app = resolver(dialect)


@app.post("/api/v1/logout")
def logout(caller: CallerOf, credentials: CredentialsPort) -> LogoutReply:
    credentials.revoke(caller.credential.key_hash)
    return LogoutReply()


handler = entrypoint(app)
