"""POST /optout/v1/campaigns/{id}/cancel: stop a campaign for good.

Who was not mailed stays pending. Asking again changes nothing; 409 when it is finished.
"""

from native import dialect
from native.campaigns.schemas import CampaignShown, campaign_number
from optout.campaigns import transitions
from optout.campaigns.campaign import State
from optout.campaigns.control import require, steer
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort

app = resolver(dialect)


@app.post("/optout/v1/campaigns/<campaign_id>/cancel")
def cancel(campaign_id: str, caller: CallerOf, campaigns: CampaignsPort) -> CampaignShown:
    campaign = require(campaigns, caller.credential, campaign_number(campaign_id))
    return CampaignShown.of(steer(campaign, campaigns, transitions.cancel, State.CANCELLED))


handler = entrypoint(app)
