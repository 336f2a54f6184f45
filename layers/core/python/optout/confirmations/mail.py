"""The text of a confirmation email."""

import html


def confirmation_email(title: str, url: str) -> dict[str, str]:
    """Subject, html and text. The subscriber's name is left out: an API client could write any text there and have it
    sent to any address."""
    name, link = html.escape(title), html.escape(url)
    return {
        "subject": f"Please confirm your subscription to {title}",
        "html": (
            '<!doctype html><html lang="en"><body style="font:16px/1.5 sans-serif;color:#1c2430">'
            f"<p>Someone, probably you, asked to receive <b>{name}</b> at this address.</p>"
            f'<p><a href="{link}" style="display:inline-block;padding:12px 20px;border-radius:8px;'
            'background:#1f5fbf;color:#ffffff;text-decoration:none;font-weight:bold">Confirm the subscription</a></p>'
            "<p>If it was not you, ignore this email: without your confirmation we will not send anything.</p>"
            "</body></html>"
        ),
        "text": (
            f"Someone, probably you, asked to receive {title} at this address.\n\n"
            f"To confirm the subscription, open this link and press the button there:\n{url}\n\n"
            "If it was not you, ignore this email: without your confirmation we will not send anything.\n"
        ),
    }
