"""POST /api/v1/mailer: send an email to all subscribers who have not unsubscribed."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from optout.campaigns.create import accept
from optout.campaigns.draft import Draft
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.campaigns import CampaignsPort, ExpandQueuePort, ReadersPort
from rocketchat import dialect
from rocketchat.schemas import MailerRequest, Success

app = resolver(dialect, bucket="mailer")


@app.post("/api/v1/mailer")
def send(
    body: Annotated[MailerRequest, Body()],
    caller: CallerOf,
    campaigns: CampaignsPort,
    expand_queue: ExpandQueuePort,
    readers: ReadersPort,
) -> Response[Success]:
    draft = Draft(body.sender, body.subject, body.body, query=body.query or "", test=body.dryrun is True)
    campaign = accept(campaigns, expand_queue, readers, caller.credential, draft)
    return Response(200, body=Success(), content_type="application/json", headers={"X-Campaign-Id": str(campaign)})


handler = entrypoint(app)
