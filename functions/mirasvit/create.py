"""POST /rest/V1/mst-email/unsubscriptions: add an address to the suppression list."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from mirasvit import dialect
from mirasvit.schemas import CreateRequest, Unsubscription
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.headers import record_headers
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.post("/rest/V1/mst-email/unsubscriptions")
@app.post("/rest/<store>/V1/mst-email/unsubscriptions")
def create(
    body: Annotated[CreateRequest, Body()], caller: CallerOf, suppressions: SuppressionsPort
) -> Response[Unsubscription]:
    wanted = body.unsubscription
    done = suppress(
        suppressions, caller.workspace, wanted.email, wanted.scope, Reason.UNSUBSCRIBED, caller.origin, repeat=True
    )
    reply, headers = Unsubscription.of(done.record), record_headers(is_new=done.is_new)
    return Response(200, body=reply, content_type=dialect.content_type, headers=headers)


handler = entrypoint(app)
