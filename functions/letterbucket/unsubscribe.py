"""DELETE /subscribers/{id}: the subscriber leaves the newsletter; the record stays."""

from letterbucket import dialect
from letterbucket.schemas import SubscriberReply
from optout.http import CallerOf, entrypoint, resolver
from optout.number import from_uuid
from optout.scope import Scope, newsletter_topic
from optout.subscriber import require
from optout.suppressing import suppress
from optout.suppression import Reason
from optout.wiring import SubscribersPort, SuppressionsPort

app = resolver(dialect)


@app.delete("/api/v1/subscribers/<subscriber_id>")
@app.delete("/subscribers/<subscriber_id>")
def unsubscribe(
    subscriber_id: str, caller: CallerOf, subscribers: SubscribersPort, suppressions: SuppressionsPort
) -> SubscriberReply:
    newsletter = caller.credential.newsletter
    subscriber = require(subscribers, caller.workspace, newsletter, from_uuid(subscriber_id))
    scope = Scope.of([newsletter_topic(newsletter)])
    suppress(suppressions, caller.workspace, subscriber.address, scope, Reason.UNSUBSCRIBED, caller.origin)
    return SubscriberReply.of(subscriber, suppressions.state(caller.workspace, subscriber.address))


handler = entrypoint(app)
