"""What the columns of another product's export say about who has left, or has never agreed.

Consent comes first. A column that may say who has left is recognised by parts of its name, a word by the whole of it.
A blank or unknown word is no consent, and of several verdicts about a row the strongest counts. A file without any
such column is a list of subscribers: whoever imports it vouches for it.
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from optout.imports.rejection import RowError

Verdict = RowError | None  # None: nothing against the person

_UNKNOWN, _UNCONFIRMED, _BLOCKED = RowError.UNKNOWN_STATUS, RowError.UNCONFIRMED, RowError.BLOCKED
_UNSUBSCRIBED, _BOUNCED, _COMPLAINED = RowError.UNSUBSCRIBED, RowError.BOUNCED, RowError.COMPLAINED


class Rule(NamedTuple):
    """What the values of a column say: a yes, a no, a blank, and what is none of them and no known word either."""

    yes: Verdict
    no: Verdict
    blank: Verdict
    other: Verdict

    def verdict(self, value: str) -> Verdict:
        word = key(value)
        if word in _VERDICTS:
            return _VERDICTS[word]
        return self.yes if word in _YES else self.no if word in _NO else self.blank if word in _BLANK else self.other


class Signs(NamedTuple):
    """The columns of a file that say who has left, by number, and what it says about all of its rows."""

    columns: tuple[tuple[int, Rule], ...] = ()
    all: Verdict = None

    @property
    def differ(self) -> bool:
        """Whether a row may have nothing against a person about whom another row has something."""
        return bool(self.columns) and self.all is None

    def verdict(self, values: Sequence[str]) -> Verdict:
        """What is against adding the person of a row."""
        found = [self.all, *(rule.verdict(values[at]) for at, rule in self.columns)]
        return max((verdict for verdict in found if verdict), key=lambda verdict: verdict.strength, default=None)


def key(text: str) -> str:
    """A name or a word in the spelling that is compared: its letters and digits in lower case. Invisible characters
    are neither."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def signs_of(names: Sequence[str], email: int) -> Signs:
    """The signs of a file by the keys of its columns; ``email`` is the number of the address column."""
    columns = tuple((at, rule) for at, name in enumerate(names) if at != email and (rule := _rule(name)))
    header = frozenset(names) - {""}
    known = _EXPORTS.get(header - {names[email]} | {"address" if names[email] == "address" else "email"})
    told = [verdict for name, verdict in _DEPARTURES.items() if name in header]
    if known or told:
        return Signs(columns, known or told[0])
    for export in _SILENT:
        if export <= header and all(names[at] in export for at, _ in columns):
            return Signs(columns, _UNKNOWN)
    return Signs(columns)


def is_export_of_addresses(names: Sequence[str]) -> bool:
    """Whether a product writes exactly these columns, and addresses below `address`, which elsewhere is a street."""
    return "address" in names and frozenset(names) - {""} in _EXPORTS


def _rule(name: str) -> Rule | None:
    if name.startswith(_OTHER_CHANNELS) or name.endswith(("url", "link", "token")):
        return None
    if name in _RULES:
        return _RULES[name]
    if name.startswith("topicpreferences") or (name.endswith("status") and any(part in name for part in _ABOUT_EMAIL)):
        return _STATUS
    reason = next((reason for part, reason in _LEAVING.items() if part in name), None)
    if reason:
        detail = name.endswith(_DETAILS) or name.startswith(("portal", "global"))
        return _detail(reason) if detail else Rule(reason, None, _UNKNOWN, _UNKNOWN)
    if any(part in name for part in _AGREEING):
        return None if name.endswith(_DETAILS) else _AGREED
    return None


def _detail(reason: RowError) -> Rule:
    """The rule of a date, a reason or the like: it is there for those who have left."""
    return Rule(reason, None, None, reason)


_YES = set("yes y true t 1 x on ja j oui si sí wahr vrai".split())
_NO = set("no n false f 0 off nein non falsch faux".split())
_BLANK = {"", "null"}
_VERDICTS: dict[str, Verdict] = {
    word: verdict
    for verdict, words in {
        None: "subscribed active enabled optin optedin confirmed abonniert angemeldet aktiv abonné inscrit",
        _UNCONFIRMED: "unconfirmed pending notactivated notconfirmed unbestätigt nichtaktiviert",
        _BLOCKED: "blocked blocklisted blacklisted suppressed usersuppressed manualsuppression disabled deleted"
        " archived banned donotcontact",
        _UNSUBSCRIBED: "unsubscribed unsubscribe optout optedout notsubscribed nonsubscribed neversubscribed removed"
        " left abgemeldet ausgetragen gekündigt abonnementsgekündigt abonnementgekündigt désabonné désinscrit baja",
        _BOUNCED: "bounce bounced cleaned hardbounce hardbounced softbounce softbounced unreachable undeliverable"
        " invalid invalidemail",
        _COMPLAINED: "complaint complained spam spamcomplaint spamreport markedasspam abuse",
    }.items()
    for word in words.split()
}

_STATUS = Rule(_UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN)
_AGREED = Rule(None, _UNSUBSCRIBED, _UNKNOWN, _UNKNOWN)
_CONFIRMED = Rule(None, _UNCONFIRMED, _UNCONFIRMED, None)
_RULES = {
    **dict.fromkeys(("status", "statut", "estado"), _STATUS),
    **dict.fromkeys(("active", "isactive", "aktiv", "enabled", "newsletter"), _AGREED),
    # Mailchimp writes no time of confirmation for the people whom it calls nonsubscribed.
    **dict.fromkeys(("confirmtime", "confirmedat"), _CONFIRMED),
    "confirmed": Rule(None, _UNCONFIRMED, _UNKNOWN, _UNKNOWN),
    **dict.fromkeys(("reason", "grund"), _detail(_UNSUBSCRIBED)),
    **dict.fromkeys(("dnc", "dnm", "baja"), Rule(_UNSUBSCRIBED, None, _UNKNOWN, _UNKNOWN)),
    "state": Rule(None, None, None, None),  # a status, or a part of a country
}
_OTHER_CHANNELS = ("sms", "phone", "mobile", "whatsapp", "push", "donotcall")
_ABOUT_EMAIL = ("subscri", "email", "mailing", "newsletter", "member", "contact", "consent", "optin", "marketing")
_LEAVING = {  # what a column is called that says who has left, in any part of its name
    **dict.fromkeys(("complain", "spam"), _COMPLAINED),
    "bounce": _BOUNCED,
    **dict.fromkeys(("blacklist", "blocklist", "blocked", "suppress", "disabled", "deleted", "donot"), _BLOCKED),
    **dict.fromkeys(("unsub", "optout", "optedout", "cleaned", "notsubscribed"), _UNSUBSCRIBED),
    **dict.fromkeys(("abgemeldet", "abmeld", "austrag", "ausgetragen", "kündig"), _UNSUBSCRIBED),
    **dict.fromkeys(("désinscri", "desinscri", "désabonn", "desabonn"), _UNSUBSCRIBED),
}
_AGREEING = ("subscribed", "optin", "optedin", "consent", "angemeldet", "einwilligung", "abonniert", "acceptsmarketing")
_DETAILS = tuple(
    "edat edon outat outon inat inon detam date datum time reason grund title id other origin source text comment"
    " ip".split()
)

_DEPARTURES = {  # columns that only a list of people who have left has, whatever their values
    "suppressionreason": _BLOCKED,
    "portalunsubscribe": _UNSUBSCRIBED,
    **dict.fromkeys(("unsubtime", "unsubcampaignid"), _UNSUBSCRIBED),
    **dict.fromkeys(("cleantime", "cleancampaignid"), _BOUNCED),
}
_EXPORTS = {  # the whole header of files that hold nobody else
    frozenset(header.split()): verdict
    for header, verdict in {
        "email created": _UNSUBSCRIBED,  # SendGrid
        "email groupid groupname createdat": _UNSUBSCRIBED,
        "ip email created": _COMPLAINED,
        "reason email created": _BOUNCED,
        "status reason email created": _BOUNCED,
        "address code error createdat": _BOUNCED,  # Mailgun
        "email code error createdat": _BOUNCED,
        "address createdat": _COMPLAINED,
        "address tags createdat": _UNSUBSCRIBED,
        "address tag createdat": _UNSUBSCRIBED,
        "id trigger updatedat email": _UNSUBSCRIBED,  # a shop's triggered emails
    }.items()
}
_SILENT = [  # exports that leave out some of those who have left: a person in them is no proven subscriber
    frozenset({"uuid", "attributes", "status", "createdat", "updatedat"}),  # listmonk: enabled after leaving all lists
    frozenset({"id", "points", "firstname", "lastname"}),  # Mautic: no word of who must not be contacted
    frozenset({"contactid", "alternateemails"}),  # SendGrid: its unsubscribes are files of their own
]
