"""GET /optout/v1/campaigns/{id}: where does the campaign stand, what became of whom, and when will it be over?"""

from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from native import dialect
from native.campaigns.schemas import CampaignWhole, campaign_number
from optout.campaigns.control import require
from optout.provider.pace import Slots, pace_of
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort
from optout.wiring.provider import slots

app = resolver(dialect)


@app.get("/optout/v1/campaigns/<campaign_id>")
def get(
    campaign_id: str,
    caller: CallerOf,
    campaigns: CampaignsPort,
    slots: Annotated[Slots, Depends(slots)],
) -> CampaignWhole:
    campaign = require(campaigns, caller.credential, campaign_number(campaign_id))
    return CampaignWhole.seen(campaign, None if campaign.state.has_ended else pace_of(slots))


handler = entrypoint(app)
