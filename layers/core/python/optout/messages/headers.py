"""The headers List-Unsubscribe, List-Id and From."""

import re
from email.header import Header
from email.utils import formataddr

ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def list_unsubscribe(url: str) -> tuple[str, str]:
    """The List-Unsubscribe header. With `ONE_CLICK` it is the pair that one-click unsubscribe requires (RFC 8058): the
    HTTPS link alone. A mailto link is optional there, and nothing here would read the email."""
    return "List-Unsubscribe", f"<{url}>"


def list_id(topic: str | None, workspace: str, domain: str) -> tuple[str, str]:
    """The List-Id header: a stable name of the list (RFC 2919)."""
    label = re.sub(r"[^a-z0-9-]+", "-", (topic or "mailer").lower()).strip("-")[:60]
    return "List-Id", f"<{label}.{workspace}.{domain}>"


def mailbox(name: str, email: str) -> str:
    """``"Name" <address>``, with the name quoted or encoded so that it cannot inject another header."""
    clean = CONTROL.sub(" ", name).strip()
    if "=?" in clean:  # an encoded word could decode to anything
        return f"{Header(clean, 'utf-8').encode(linesep='', maxlinelen=10_000)} <{email}>"
    return formataddr((clean, email))
