"""POST /optout/v1/campaigns/{id}/resume: have a paused or parked campaign go on where it stopped.

A scheduled one waits for its time again. Asking again is fine; 409 when it has ended.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from native import dialect
from native.campaign_schemas import CampaignShown, campaign_number
from optout import assembly, steering
from optout.commissioning import require, wake
from optout.http import CallerOf, entrypoint, resolver
from optout.sweeping import Waking
from optout.wiring import CampaignsPort

app = resolver(dialect)


@app.post("/optout/v1/campaigns/<campaign_id>/resume")
def resume(
    campaign_id: str,
    caller: CallerOf,
    campaigns: CampaignsPort,
    waking: Annotated[Waking, Depends(assembly.waking)],
) -> CampaignShown:
    campaign = require(campaigns, caller.credential, campaign_number(campaign_id))
    return CampaignShown.of(wake(campaign, steering.resume, waking))


handler = entrypoint(app)
