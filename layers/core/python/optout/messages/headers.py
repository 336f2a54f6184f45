"""List-Unsubscribe, List-Id, From."""

import re
from email.header import Header
from email.utils import formataddr

ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def list_unsubscribe(url: str, mailto: str | None) -> tuple[str, str]:
    """The header that makes, with `ONE_CLICK`, the pair that mail providers need for one-click unsubscribing (RFC
    8058)."""
    return "List-Unsubscribe", f"<{url}>" + (f", <mailto:{mailto}>" if mailto else "")


def list_id(topic: str | None, workspace: str, domain: str) -> tuple[str, str]:
    """A stable name for the list (RFC 2919)."""
    label = re.sub(r"[^a-z0-9-]+", "-", (topic or "mailer").lower()).strip("-")[:60]
    return "List-Id", f"<{label}.{workspace}.{domain}>"


def mailbox(name: str, email: str) -> str:
    """``"Name" <address>`` with the name quoted or encoded, so that it cannot become another header."""
    clean = CONTROL.sub(" ", name).strip()
    if "=?" in clean:  # an encoded word of somebody else's making could decode to anything
        return f"{Header(clean, 'utf-8').encode(linesep='', maxlinelen=10_000)} <{email}>"
    return formataddr((clean, email))
