"""POST /optout/v1/campaigns/{id}/test: send a test of a campaign to one address.

The test is a campaign of its own. An opt-out stops it, unless the key may send from that address. A key may send 10
tests a minute and 200 a day; more are 429.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from native import dialect
from native.campaigns.schemas import CampaignView, TestSend
from native.values import number_of
from optout.campaigns.control import require
from optout.campaigns.trial import send_test
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort, ExpandQueuePort

app = resolver(dialect, bucket=dialect.TESTS)


@app.post("/optout/v1/campaigns/<campaign_id>/test", status_code=201)
def test(
    campaign_id: str,
    body: Annotated[TestSend, Body()],
    caller: CallerOf,
    campaigns: CampaignsPort,
    expand_queue: ExpandQueuePort,
) -> CampaignView:
    campaign = require(campaigns, caller.credential, number_of(campaign_id))
    return CampaignView.of(send_test(campaign, campaigns, expand_queue, caller.credential, body.to))


handler = entrypoint(app)
