"""POST /optout/v1/campaigns: mail the readers of a newsletter, or those whom a query selects, now or later.

With an `Idempotency-Key` it is done once: the same request under it gets the same campaign, another one 409. Without
one, whoever asks again after a lost answer may have everybody mailed twice.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from native import dialect
from native.campaigns.schemas import CampaignShown, NewCampaign
from optout.campaigns.create import create_campaign
from optout.errors import Problem, Unprocessable
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort, ExpandQueuePort
from optout.wiring.subscribers import SubscribersPort

app = resolver(dialect)


@app.post("/optout/v1/campaigns", status_code=201)
def create(
    body: Annotated[NewCampaign, Body()],
    caller: CallerOf,
    campaigns: CampaignsPort,
    subscribers: SubscribersPort,
    expand_queue: ExpandQueuePort,
    key: Annotated[str, Header(alias="Idempotency-Key", max_length=255)] = "",
) -> CampaignShown:
    caller.credential.require("send-mail")
    if body.newsletter and body.newsletter not in subscribers.newsletters(caller.workspace):
        raise Unprocessable("body", Problem("newsletter", "unknown", "There is no such newsletter."))
    return CampaignShown.of(create_campaign(campaigns, expand_queue, caller.credential, body.draft, key))


handler = entrypoint(app)
