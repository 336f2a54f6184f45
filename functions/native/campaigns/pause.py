"""POST /optout/v1/campaigns/{id}/pause: stop a campaign for now.

Calls to SES that are on their way are finished, no other one is made. Asking again changes nothing; 409 when it has
ended.
"""

from native import dialect
from native.campaigns.schemas import CampaignShown, campaign_number
from optout.campaigns import transitions
from optout.campaigns.campaign import State
from optout.campaigns.control import require, steer
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort

app = resolver(dialect)


@app.post("/optout/v1/campaigns/<campaign_id>/pause")
def pause(campaign_id: str, caller: CallerOf, campaigns: CampaignsPort) -> CampaignShown:
    campaign = require(campaigns, caller.credential, campaign_number(campaign_id))
    return CampaignShown.of(steer(campaign, campaigns, transitions.pause, State.PAUSED))


handler = entrypoint(app)
