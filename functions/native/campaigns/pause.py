"""POST /optout/v1/campaigns/{id}/pause: pause a campaign.

A worker finishes the block of up to 50 emails that it has begun; no other block is begun. A repeated request changes
nothing. 409 when the campaign has ended.
"""

from native import dialect
from native.campaigns.schemas import CampaignView
from native.values import number_of
from optout.campaigns.control import pause_campaign, require
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort

app = resolver(dialect)


@app.post("/optout/v1/campaigns/<campaign_id>/pause")
def pause(campaign_id: str, caller: CallerOf, campaigns: CampaignsPort) -> CampaignView:
    campaign = require(campaigns, caller.credential, number_of(campaign_id))
    return CampaignView.of(pause_campaign(campaigns, campaign))


handler = entrypoint(app)
