"""POST /c/{token}: yes, I want this newsletter. Who was asked and presses the button is subscribed."""

from aws_lambda_powertools.event_handler import Response

from links import dialect, pages
from links.press import require_yes
from optout import wiring
from optout.confirming import Answer, confirm
from optout.http import entrypoint, origin, public_resolver
from optout.token import read_invitation
from optout.wiring import LinkKeysPort, SubscribersPort, SuppressionsPort

app = public_resolver(dialect)

_ANSWERS = {
    Answer.CONFIRMED: (200, pages.CONFIRMED),
    Answer.HELD_BACK: (200, pages.HELD_BACK),
    Answer.LAPSED: (410, pages.LAPSED),
}


@app.post("/c/<token>")
def yes(token: str, keys: LinkKeysPort, subscribers: SubscribersPort, suppressions: SuppressionsPort) -> Response[str]:
    event = app.current_event.raw_event
    require_yes(event)
    invitation = read_invitation(keys, token)
    answer = confirm(
        subscribers, suppressions, invitation, wiring.keyed_hash(), origin(event, dialect.name, "confirmation")
    )
    status, page = _ANSWERS[answer]
    return Response(status, pages.HTML, page)


handler = entrypoint(app)
