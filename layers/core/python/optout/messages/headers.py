"""The headers List-Unsubscribe, List-Id and From."""

import re
from email.header import Header
from email.utils import formataddr

from optout.address import CONTROL as CONTROL

_LONGEST_WORD = 75  # characters of an encoded word (RFC 2047)
_LONGEST_MAILBOX = 320  # SES refuses a longer one, its encoded name included
ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def list_unsubscribe(url: str) -> tuple[str, str]:
    """The List-Unsubscribe header. With `ONE_CLICK` it is the pair that one-click unsubscribe requires (RFC 8058): the
    HTTPS link alone. A mailto link is optional there, and nothing here would read the email."""
    return "List-Unsubscribe", f"<{url}>"


def list_id(topic: str | None, workspace: str, domain: str) -> tuple[str, str]:
    """The List-Id header: a stable name of the list (RFC 2919)."""
    label = re.sub(r"[^a-z0-9-]+", "-", (topic or "mailer").lower()).strip("-")[:60]
    return "List-Id", f"<{label}.{workspace}.{domain}>"


def mailbox(name: str, email: str) -> str:
    """``"Name" <address>``, with the name quoted or encoded so that it cannot inject another header; the address alone
    when SES would refuse the name for its length."""
    clean = CONTROL.sub(" ", name).strip()
    if "=?" in clean or not clean.isascii():  # an encoded word could decode to anything
        words = Header(clean, "utf-8").encode(linesep="", maxlinelen=_LONGEST_WORD)
        written = f"{words} <{email}>"
    else:
        written = formataddr((clean, email))
    return written if len(written) <= _LONGEST_MAILBOX else email
