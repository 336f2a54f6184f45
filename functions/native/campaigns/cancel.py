"""POST /optout/v1/campaigns/{id}/cancel: cancel a campaign for good.

A worker finishes the block of up to 50 emails that it has begun; no other block is begun. Recipients that were not
mailed stay pending. A repeated request changes nothing. 409 when the campaign is finished.
"""

from native import dialect
from native.campaigns.schemas import CampaignView
from native.values import number_of
from optout.campaigns.control import cancel_campaign, require
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort

app = resolver(dialect)


@app.post("/optout/v1/campaigns/<campaign_id>/cancel")
def cancel(campaign_id: str, caller: CallerOf, campaigns: CampaignsPort) -> CampaignView:
    campaign = require(campaigns, caller.credential, number_of(campaign_id))
    return CampaignView.of(cancel_campaign(campaigns, campaign))


handler = entrypoint(app)
