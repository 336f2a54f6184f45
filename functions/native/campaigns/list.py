"""GET /optout/v1/campaigns: list campaigns with their progress, newest first."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from native import dialect
from native.campaigns.schemas import CampaignPage, CampaignView
from native.values import Limit
from optout.number import LIMIT
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.web.request import refuse_unknown_filters
from optout.wiring.campaigns import CampaignsPort

app = resolver(dialect)


@app.get("/optout/v1/campaigns")
def list_campaigns(
    caller: CallerOf,
    campaigns: CampaignsPort,
    limit: Limit = 20,
    after: Annotated[int, Query(ge=0, le=LIMIT, description="The `after` of the previous page.")] = LIMIT,
) -> CampaignPage:
    caller.credential.require("send-mail")
    refuse_unknown_filters(app.current_event.raw_event, CampaignView)
    return CampaignPage.of(campaigns.newest(caller.workspace, after, limit + 1), limit)


handler = entrypoint(app)
