"""POST /mail-unsubscribe/check: check whether an address is suppressed, and since when."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from optout.runtime.fields import iso
from optout.suppressions.check import check
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort
from repzo import dialect
from repzo.schemas import CheckReply, CheckRequest, CheckResult

app = resolver(dialect)


@app.post("/v1/mail-unsubscribe/check")
@app.post("/mail-unsubscribe/check")
def is_unsubscribed(
    body: Annotated[CheckRequest, Body()], caller: CallerOf, suppressions: SuppressionsPort
) -> CheckReply:
    rule = check(suppressions, caller.workspace, body.email, body.within)
    if rule is None:
        return CheckReply(data=CheckResult(is_unsubscribed=False))
    return CheckReply(data=CheckResult(is_unsubscribed=True, unsubscribe_date=iso(rule.since)))


handler = entrypoint(app)
