"""POST /optout/v1/campaigns: create a campaign.

It goes to the subscribers of a newsletter, or to those that a query selects, at once or at a set time. Send an
`Idempotency-Key` to make a retry safe: a repeated request with the same key returns the same campaign, and a different
request with that key gets 409. Without a key, a retry after a lost response may email every recipient twice.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from native import dialect
from native.campaigns.schemas import CampaignView, NewCampaign
from optout.campaigns.create import create_campaign
from optout.errors import Problem, Unprocessable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort, ExpandQueuePort, ReadersPort
from optout.wiring.subscribers import SubscribersPort

app = resolver(dialect)


@app.post("/optout/v1/campaigns", status_code=201)
def create(
    body: Annotated[NewCampaign, Body()],
    caller: CallerOf,
    campaigns: CampaignsPort,
    subscribers: SubscribersPort,
    expand_queue: ExpandQueuePort,
    readers: ReadersPort,
    key: Annotated[str, Header(alias="Idempotency-Key", max_length=255)] = "",
) -> CampaignView:
    caller.credential.require("send-mail")
    if body.newsletter and body.newsletter not in subscribers.newsletters(caller.workspace):
        raise Unprocessable("body", Problem("newsletter", "unknown", "There is no such newsletter."))
    return CampaignView.of(create_campaign(campaigns, expand_queue, readers, caller.credential, body.draft, key))


handler = entrypoint(app)
