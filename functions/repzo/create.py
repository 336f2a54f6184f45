"""POST /mail-unsubscribe: add an address to the suppression list."""

from dataclasses import replace
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from optout.errors import Unprocessable
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.headers import record_headers
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.schemas import NewRecord, Record, RecordReply

app = resolver(dialect, invalid=Unprocessable)


@app.post("/v1/mail-unsubscribe", status_code=201)
@app.post("/mail-unsubscribe", status_code=201)
def create(
    body: Annotated[NewRecord, Body()], caller: CallerOf, suppressions: SuppressionsPort
) -> Response[RecordReply]:
    origin = replace(
        caller.origin,
        user_agent=caller.origin.user_agent if body.user_agent is None else body.user_agent,
        ip=caller.origin.ip if body.ip_address is None else body.ip_address,
        show_ip=True,
    )
    reason, scope = Reason.UNSUBSCRIBED, body.scope
    done = suppress(suppressions, caller.workspace, body.email, scope, reason, origin, why=body.reason, repeat=True)
    reply, headers = RecordReply(data=Record.of(done.record)), record_headers(is_new=done.is_new)
    return Response(201, body=reply, content_type=dialect.content_type, headers=headers)


handler = entrypoint(app)
