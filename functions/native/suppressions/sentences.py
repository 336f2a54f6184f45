"""The story of an address in sentences that can be read aloud."""

from datetime import UTC, datetime

from optout.scope import Scope
from optout.suppressions.suppression import Action, Change, Reason

_THROUGH = {
    "rocketchat": "Rocket.Chat",
    "repzo": "Repzo",
    "letterbucket": "LetterBucket",
    "mirasvit": "Mirasvit",
    "native": "the optout API",
    "link": "the link in a mail",
    "feedback": "the mail provider's feedback",
    "command": "a command of an administrator",
}
_SUPPRESSED = {
    Reason.UNSUBSCRIBED: "{who} left {what} through {through}",
    Reason.ONE_CLICK: "{who} left {what} through {through}",
    Reason.MANUAL: "{who} was taken off {what} by hand through {through}",
    Reason.IMPORTED: "{who} was taken off {what} by an import through {through}",
    Reason.BOUNCED: "{who} was taken off {what}, for a mail could not be delivered, as {through} says",
    Reason.COMPLAINED: "{who} was taken off {what} after a complaint about a mail, as {through} says",
    Reason.PROVIDER: "{who} was taken off {what}, for it is on the mail provider's own list, as {through} says",
    Reason.SOFT_BOUNCED: "{who} was taken off {what} after several failed deliveries, as {through} says",
}
_PLAIN = {
    Action.REPEATED: "{who} left {what} once more through {through}",
    Action.LIFTED: "{who} was put back on {what} through {through}",
    Action.OVERRIDDEN: "a transactional mail to {who} was let through by {through} in spite of {reason}",
}
_IN_SPITE_OF = {Reason.BOUNCED: "a hard bounce", Reason.COMPLAINED: "a complaint"}


def sentence(change: Change) -> str:
    """One step, said plainly: when, who, what, through what, and the reason that was given."""
    record = change.record
    told = change.action in (Action.SUPPRESSED, Action.STRENGTHENED)
    words = (_SUPPRESSED[record.reason] if told else _PLAIN[change.action]).format(
        who=record.address.original,
        what=_what(record.scope),
        through=_THROUGH.get(change.origin.via, change.origin.via),
        reason=_IN_SPITE_OF.get(record.reason, "an opt-out"),
    )
    if change.action is Action.STRENGTHENED:
        words += ", which weighs more than what was known before"
    why = " ".join((record.why if told else change.note).split())
    given = f"; reason given: {why}" if why else ""
    return f"On {_when(change.at)} {words}{given}".removesuffix(".") + "."


def _when(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _what(scope: Scope) -> str:
    topics = _listed([_topic(name) for name in sorted(scope.topics)]) or "everything"
    namespaces = _listed([f"“{name}”" for name in sorted(scope.namespaces)])
    return f"{topics} of {namespaces}" if namespaces else topics


def _topic(name: str) -> str:
    kind, colon, rest = name.partition(":")
    if colon and kind in ("newsletter", "trigger"):
        return f"the {kind} “{rest}”"
    return f"the topic “{name}”"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
