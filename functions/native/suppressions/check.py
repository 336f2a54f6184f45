"""POST /optout/v1/check: which of these mails may go, and what stops the others?"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from native import dialect
from native.suppressions.schemas import Answer, Answers, Question
from optout.suppressions.check import decide, states_of
from optout.suppressions.override import override
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.post("/optout/v1/check")
def check(body: Annotated[Question, Body()], caller: CallerOf, suppressions: SuppressionsPort) -> Answers:
    if body.overrides:
        caller.credential.require("override")
    states = states_of(suppressions, caller.workspace, [entry.email for entry in body.addresses])
    results = []
    for entry in body.addresses:
        state = states[entry.email]
        if entry.override:
            decision = override(suppressions, state, entry.mail, caller.origin, entry.why)
        else:
            decision = decide(state, entry.mail)
        results.append(Answer.of(entry, decision))
    return Answers(results=results)


handler = entrypoint(app)
