"""The history of an address in sentences that support staff can read aloud."""

from datetime import UTC, datetime

from optout.address import Address
from optout.scope import Scope
from optout.suppressions.reason import Reason
from optout.suppressions.suppression import Action, Change, Suppression

_EVERYTHING = "everything"
_MOST_NAMES = 10  # of topics or namespaces in one sentence; a record may have a hundred
_VIA = {
    "rocketchat": "via Rocket.Chat",
    "repzo": "via Repzo",
    "letterbucket": "via LetterBucket",
    "mirasvit": "via Mirasvit",
    "native": "via the optout API",
    "link": "using the link in an email",
    "feedback": "by the mail provider",
    "command": "by an administrator",
}
_SUPPRESSED = {
    Reason.UNSUBSCRIBED: "{who} unsubscribed from {what} {via}",
    Reason.ONE_CLICK: "{who} unsubscribed from {what} {via}",
    Reason.MANUAL: "{who} was manually unsubscribed from {what} {via}",
    Reason.IMPORTED: "{who} was unsubscribed from {what} by an import {via}",
    Reason.BOUNCED: "email to {who} could not be delivered (hard bounce reported {via}), so {mail} was stopped",
    Reason.COMPLAINED: "an email to {who} led to a complaint (reported {via}), so {mail} was stopped",
    Reason.PROVIDER: "{who} was on the mail provider's own suppression list (reported {via}), so {mail} was stopped",
    Reason.PROVIDER_OPT_OUT: "{who} unsubscribed from {what} in the mail provider's own list",
    Reason.SOFT_BOUNCED: "several emails to {who} could not be delivered (reported {via}), so {mail} was stopped",
}
_REPEATED = "{who} unsubscribed from {what} again {via}"
_REDUCED = "{removed} was removed {via}; {who} stays suppressed because of {cause}"
_LIFTED = "{rule} was removed {via}; {who} can be emailed again unless another opt-out or block applies"
_OVERRIDDEN = "a transactional email to {who} was allowed {via} despite {cause}"
_CAUSES = {
    Reason.BOUNCED: "a hard bounce",
    Reason.COMPLAINED: "a complaint",
    Reason.PROVIDER: "an entry on the mail provider's own suppression list",
    Reason.SOFT_BOUNCED: "several failed deliveries",
}


def sentence(change: Change) -> str:
    """One change in plain English: when, who, what, through which API or link, and the reason that was given."""
    record = change.record
    suppresses = change.action in (Action.SUPPRESSED, Action.STRENGTHENED, Action.ADDED)
    stated = next((cause for cause in record.causes if cause.reason in change.reasons), None)
    words = _template(change).format(
        who=record.address.original,
        what=_what(record.scope),
        mail=_mail(record),
        via=_VIA.get(change.origin.via, f"via {change.origin.via}"),
        rule=_rule(record),
        cause=_CAUSES.get(record.reason, "an opt-out"),
        removed=_listed([_CAUSES.get(reason, "the opt-out") for reason in change.reasons]),
    )
    if change.action in (Action.STRENGTHENED, Action.ADDED):
        words += f"; the earlier {'reason stays' if len(record.causes) == 2 else 'reasons stay'} in force too"
    why = " ".join((stated.why if suppresses and stated else change.note).split())
    given = f"; reason given: {why}" if why else ""
    return f"On {_when(change.at)}, {words}{given}".removesuffix(".") + "."


def undeliverable(address: Address) -> str | None:
    """Why nothing can be delivered to an address; None if something can."""
    if address.deliverable:
        return None
    return f"Nothing can be delivered to {address.original}: Amazon SES takes only ASCII characters before the @."


def _template(change: Change) -> str:
    match change.action:
        case Action.REPEATED:
            return _REPEATED
        case Action.REDUCED:
            return _REDUCED
        case Action.LIFTED:
            return _LIFTED
        case Action.OVERRIDDEN:
            return _OVERRIDDEN
    return _SUPPRESSED[change.reasons[0]]


def _mail(record: Suppression) -> str:
    """The email that a record stops: ``all email to ada@reader.example``."""
    email, what = f"email to {record.address.original}", _what(record.scope)
    return f"{email} about {what}" if record.scope.topics else f"all {email}{what.removeprefix(_EVERYTHING)}"


def _rule(record: Suppression) -> str:
    """A record as the subject of a sentence: ``ada@reader.example's opt-out``."""
    if record.reason in _CAUSES:
        return f"the block on {_mail(record)} after {_CAUSES[record.reason]}"
    scope = "" if record.scope.is_everything else f" from {_what(record.scope)}"
    return f"{record.address.original}'s opt-out{scope}"


def _when(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _what(scope: Scope) -> str:
    topics = _listed([_topic(name) for name in sorted(scope.topics)]) or _EVERYTHING
    namespaces = _listed([f"“{name}”" for name in sorted(scope.namespaces)])
    return f"{topics} in {namespaces}" if namespaces else topics


def _topic(name: str) -> str:
    kind, colon, rest = name.partition(":")
    if colon and kind in ("newsletter", "trigger"):
        return f"the {kind} “{rest}”"
    return f"the topic “{name}”"


def _listed(names: list[str]) -> str:
    if len(names) > _MOST_NAMES:
        names = [*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
