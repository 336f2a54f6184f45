"""GET /optout/v1/campaigns/{id}: show a campaign, its counters and its forecast."""

from native import dialect
from native.campaigns.schemas import CampaignDetails
from native.values import number_of
from optout.campaigns.control import require
from optout.provider.send_rate import send_rate_of
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort
from optout.wiring.provider import SendLimiterPort

app = resolver(dialect)


@app.get("/optout/v1/campaigns/<campaign_id>")
def get(campaign_id: str, caller: CallerOf, campaigns: CampaignsPort, send_limiter: SendLimiterPort) -> CampaignDetails:
    campaign = require(campaigns, caller.credential, number_of(campaign_id))
    return CampaignDetails.with_forecast(campaign, None if campaign.state.has_ended else send_rate_of(send_limiter))


handler = entrypoint(app)
