"""DELETE /subscribers/{id}: unsubscribe a subscriber from the newsletter.

The record stays.
"""

from letterbucket import dialect
from letterbucket.schemas import SubscriberReply
from optout.number import from_uuid
from optout.subscribers.subscriber import require
from optout.subscribers.unsubscribe import unsubscribe
from optout.suppressions.reason import Reason
from optout.web.endpoint import CallerOf, entrypoint, resolver
from optout.wiring.subscribers import SubscribersPort
from optout.wiring.suppressions import SuppressionsPort

app = resolver(dialect)


@app.delete("/api/v1/subscribers/<subscriber_id>")
@app.delete("/subscribers/<subscriber_id>")
def unsubscribed(
    subscriber_id: str, caller: CallerOf, subscribers: SubscribersPort, suppressions: SuppressionsPort
) -> SubscriberReply:
    subscriber = require(subscribers, caller.workspace, caller.credential.newsletter, from_uuid(subscriber_id))
    reason, origin = Reason.UNSUBSCRIBED, caller.origin
    subscriber, _ = unsubscribe(subscribers, suppressions, subscriber, subscriber.scope, reason, origin)
    return SubscriberReply.of(subscriber, suppressions.state(caller.workspace, subscriber.address))


handler = entrypoint(app)
