"""POST /optout/v1/campaigns/{id}/resume: resume a paused or parked campaign.

A scheduled campaign waits for its time again. A repeated request changes nothing. 409 when the campaign has ended.
"""

from native import dialect
from native.campaigns.schemas import CampaignView
from native.values import number_of
from optout.campaigns.control import require, resume_campaign
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort, WakerPort

app = resolver(dialect)


@app.post("/optout/v1/campaigns/<campaign_id>/resume")
def resume(campaign_id: str, caller: CallerOf, campaigns: CampaignsPort, waker: WakerPort) -> CampaignView:
    campaign = require(campaigns, caller.credential, number_of(campaign_id))
    return CampaignView.of(resume_campaign(waker, campaign))


handler = entrypoint(app)
