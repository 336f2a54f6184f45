"""The public pages: one button, no script, no external resources and no personal data."""

import base64
import hashlib
from collections.abc import Iterable

from optout.scope import Scope
from optout.suppressions.reason import Reason
from optout.suppressions.state import Rule

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--paper:#fff;--ground:#f3f5f8;--accent:#1f5fbf}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf2;--soft:#a3adba;--paper:#1b212b;--ground:#12161d;--accent:#7fb0ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);
font:1.05rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:30rem;padding:2.25rem;border-radius:1rem;background:var(--paper);
box-shadow:0 1px 2px #0002,0 12px 40px #0000001a}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25}
p{margin:0 0 1.25rem;color:var(--soft)}
p:last-child{margin:0}
button{width:100%;padding:.85rem 1.25rem;border:0;border-radius:.6rem;background:var(--accent);color:var(--paper);
font:inherit;font-weight:600;cursor:pointer}
button:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
HTML = "text/html; charset=utf-8"


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{content}</main></body></html>"
    )


UNSUBSCRIBE = _page(
    "Unsubscribe?",
    "<p>Click the button, and we will stop sending you these emails.</p>"
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    '<button type="submit">Unsubscribe</button></form>',
)
UNSUBSCRIBED = _page(
    "You are unsubscribed", "<p>We will not send you these emails anymore. You can close this page.</p>"
)
HOW_TO_UNSUBSCRIBE = _page(
    "Please use the link in your email",
    "<p>This link alone cannot unsubscribe you, and nothing was changed. Open the latest email that you received, and "
    "click the unsubscribe link at its end or the unsubscribe button of your mail program.</p>",
)
SUBSCRIBE = _page(
    "Confirm your subscription?",
    "<p>Click the button to receive this newsletter. You can unsubscribe at any time.</p>"
    '<form method="post"><input type="hidden" name="subscription" value="confirm">'
    '<button type="submit">Yes, subscribe me</button></form>',
)
SUBSCRIBED = _page("You are subscribed", "<p>Thank you. Your subscription is confirmed. You can close this page.</p>")
EXPIRED = _page(
    "This link is no longer valid",
    "<p>Nothing was changed. If you want the newsletter, please subscribe again. We will send you a new link.</p>",
)
UNKNOWN = _page(
    "This link does not work",
    "<p>It may be incomplete. Please open the complete link from the email you received.</p>",
)
TOO_OFTEN = _page(
    "Please try again later",
    "<p>Too many links that do not work were opened from your network. Please open the complete link from the email "
    "you received.</p>",
)
REFUSED = _page("That did not work", "<p>Please open the link in a browser and click the button on the page.</p>")
UNAVAILABLE = _page("Please try again", "<p>We couldn't save your request. Please try again in a minute.</p>")

# What stands against a confirmation, as far as a person may know it: no date, no text and no name.
_NOTHING_AT_ALL = "You, or someone for you, asked us to send you no email at all."
_NOT_THIS = "You, or someone for you, asked us to stop several kinds of email, and this newsletter is one of them."
_BLOCKS = {
    Reason.BOUNCED: "Our emails to you came back.",
    Reason.SOFT_BOUNCED: "Our emails to you came back.",
    Reason.COMPLAINED: "You, or your email program, reported one of our emails as spam.",
    Reason.PROVIDER: "Our email provider cannot deliver to your address.",
}


def blocked(rules: Iterable[Rule]) -> str:
    """The page for a confirmation that rules stand against. It tells each kind of reason once."""
    told = dict.fromkeys(_block(rule.scope, reason) for rule in rules for reason in rule.entry.reasons)
    return _page(
        "Your subscription was not changed",
        f"<p>We cannot send you this newsletter. {' '.join(told)}</p>"
        "<p>This link cannot change that. If you want the newsletter, please contact its sender.</p>",
    )


def _block(scope: Scope, reason: Reason) -> str:
    return _BLOCKS.get(reason) or (_NOTHING_AT_ALL if scope.is_everything else _NOT_THIS)
