"""GET /optout/v1/campaigns/{id}/deliveries: list the recipients of a campaign with their delivery status.

A page has up to 750 recipients, in audience order.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from native import dialect
from native.campaigns.report_schemas import DeliveryPageView, DeliveryView
from native.values import number_of
from optout.campaigns.control import require
from optout.campaigns.deliveries import delivery_page
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import refuse_unknown_filters
from optout.wiring.campaigns import CampaignsPort

app = resolver(dialect)


@app.get("/optout/v1/campaigns/<campaign_id>/deliveries")
def deliveries(
    campaign_id: str,
    caller: CallerOf,
    campaigns: CampaignsPort,
    after: Annotated[int, Query(ge=-1, le=10**9, description="The `after` of the previous page.")] = -1,
) -> DeliveryPageView:
    campaign = require(campaigns, caller.credential, number_of(campaign_id))
    refuse_unknown_filters(app.current_event.raw_event, DeliveryView)
    return DeliveryPageView.of(delivery_page(campaigns, campaign, after), campaign)


handler = entrypoint(app)
