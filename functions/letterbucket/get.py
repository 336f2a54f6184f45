"""GET /subscribers/{id}: show a subscriber."""

from letterbucket import dialect
from letterbucket.schemas import SubscriberReply
from optout.number import from_uuid
from optout.subscribers.subscriber import require
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.get("/api/v1/subscribers/<subscriber_id>")
@app.get("/subscribers/<subscriber_id>")
def get(
    subscriber_id: str, caller: CallerOf, subscribers: SubscribersPort, suppressions: SuppressionsPort
) -> SubscriberReply:
    subscriber = require(subscribers, caller.workspace, caller.credential.newsletter, from_uuid(subscriber_id))
    return SubscriberReply.of(subscriber, suppressions.state(caller.workspace, subscriber.address))


handler = entrypoint(app)
