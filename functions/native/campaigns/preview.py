"""POST /optout/v1/campaigns/preview: what would this mailing be? Nothing is stored and nobody is mailed.

Who would get it, who is left out and why, three mails as they would be read, the price, and when it would be over. Up
to 20,000 subscribers are looked at; where there are more, the answer says so and reckons with the rest.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Body

from native import dialect
from native.campaigns.report_schemas import PreviewShown
from native.campaigns.schemas import NewCampaign
from optout.campaigns.draft import plan
from optout.campaigns.preview import Previewer
from optout.errors import Problem, Unprocessable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import previewer

app = resolver(dialect)


@app.post("/optout/v1/campaigns/preview")
def preview(
    body: Annotated[NewCampaign, Body()],
    caller: CallerOf,
    previewer: Annotated[Previewer, Depends(previewer)],
) -> PreviewShown:
    caller.credential.require("send-mail")
    if body.newsletter and body.newsletter not in previewer.subscribers.newsletters(caller.workspace):
        raise Unprocessable("body", Problem("newsletter", "unknown", "There is no such newsletter."))
    here = f"https://{app.current_event.request_context.domain_name}"
    campaign, content = plan(caller.credential, body.draft)
    return PreviewShown.of(previewer.preview(campaign, content, here), campaign.message_class)


handler = entrypoint(app)
