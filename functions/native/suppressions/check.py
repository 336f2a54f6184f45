"""POST /optout/v1/check: check up to 1,000 emails against the suppression list before sending them.

Each result has the rules that stop the email.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from native import dialect
from native.suppressions.schemas import CheckReply, CheckRequest, CheckResult
from optout.suppressions.check import decide, states_of
from optout.suppressions.lift import OVERRIDE
from optout.suppressions.override import override
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.reply_size import require_fitting
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.post("/optout/v1/check")
def check(body: Annotated[CheckRequest, Body()], caller: CallerOf, suppressions: SuppressionsPort) -> CheckReply:
    if body.overrides:
        caller.credential.require(OVERRIDE)
    states = states_of(suppressions, caller.workspace, [entry.email for entry in body.addresses])
    results = [CheckResult.of(entry, decide(states[entry.email], entry.mail)) for entry in body.addresses]
    require_fitting(results)  # before an override is written
    for place, entry in enumerate(body.addresses):
        if entry.override:
            decision = override(suppressions, states[entry.email], entry.mail, caller.origin, entry.why)
            results[place] = CheckResult.of(entry, decision)
    return CheckReply(results=results)


handler = entrypoint(app)
