"""POST /optout/v1/campaigns/{id}/resume: have a paused or parked campaign go on where it stopped.

A scheduled one waits for its time again. Asking again is fine; 409 when it has ended.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from native import dialect
from native.campaigns.schemas import CampaignShown, campaign_number
from optout.campaigns import transitions
from optout.campaigns.control import require, wake
from optout.campaigns.wake import Waking
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort, waking

app = resolver(dialect)


@app.post("/optout/v1/campaigns/<campaign_id>/resume")
def resume(
    campaign_id: str,
    caller: CallerOf,
    campaigns: CampaignsPort,
    waking: Annotated[Waking, Depends(waking)],
) -> CampaignShown:
    campaign = require(campaigns, caller.credential, campaign_number(campaign_id))
    return CampaignShown.of(wake(campaign, transitions.resume, waking))


handler = entrypoint(app)
