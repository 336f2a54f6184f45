"""POST /optout/v1/campaigns/preview: preview a campaign without sending it.

The response has the number of recipients, the number left out by reason, three sample emails, the price and the time
of completion. Nothing is stored. A preview reads up to 20,000 subscribers; for a larger audience, the response says so
and the number of emails, the price and the time of completion are estimates.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Body

from native import dialect
from native.campaigns.report_schemas import PreviewView
from native.campaigns.schemas import NewCampaign
from optout.campaigns.draft import plan
from optout.campaigns.preview import Previewer
from optout.errors import Problem, Unprocessable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import ReadersPort, previewer

app = resolver(dialect)


@app.post("/optout/v1/campaigns/preview")
def preview(
    body: Annotated[NewCampaign, Body()],
    caller: CallerOf,
    previewer: Annotated[Previewer, Depends(previewer)],
    readers: ReadersPort,
) -> PreviewView:
    caller.credential.require("send-mail")
    if body.newsletter and body.newsletter not in previewer.subscribers.newsletters(caller.workspace):
        raise Unprocessable("body", Problem("newsletter", "unknown", "There is no such newsletter."))
    here = f"https://{app.current_event.request_context.domain_name}"
    campaign, content = plan(caller.credential, body.draft, readers)
    return PreviewView.of(previewer.preview(campaign, content, here), campaign.message_class)


handler = entrypoint(app)
