"""GET /optout/v1/campaigns/{id}/deliveries: who got it, who did not, and why?

A page has up to 750 recipients, in the order of the audience.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from native import dialect
from native.campaigns.report_schemas import DeliveredPage
from native.campaigns.schemas import campaign_number
from optout.campaigns.control import require
from optout.campaigns.deliveries import trace
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort

app = resolver(dialect)


@app.get("/optout/v1/campaigns/<campaign_id>/deliveries")
def deliveries(
    campaign_id: str,
    caller: CallerOf,
    campaigns: CampaignsPort,
    after: Annotated[int, Query(ge=-1, le=10**9, description="The `after` of the page before.")] = -1,
) -> DeliveredPage:
    campaign = require(campaigns, caller.credential, campaign_number(campaign_id))
    return DeliveredPage.of(trace(campaigns, campaign, after), campaign)


handler = entrypoint(app)
