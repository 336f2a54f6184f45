"""What the mail says."""

import html


def invitation(title: str, url: str) -> dict[str, str]:
    """The mail that asks for a confirmation: subject, html and text. It calls nobody by name, for who adds subscribers
    could write anything there and have it sent to anybody."""
    name, link = html.escape(title), html.escape(url)
    return {
        "subject": f"Please confirm your subscription to {title}",
        "html": (
            '<!doctype html><html lang="en"><body style="font:16px/1.5 sans-serif;color:#1c2430">'
            f"<p>Somebody, probably you, has asked for <b>{name}</b> to be sent to this address.</p>"
            f'<p><a href="{link}" style="display:inline-block;padding:12px 20px;border-radius:8px;'
            'background:#1f5fbf;color:#ffffff;text-decoration:none;font-weight:bold">Confirm the subscription</a></p>'
            "<p>If it was not you, do nothing: without your confirmation nothing will be sent.</p></body></html>"
        ),
        "text": (
            f"Somebody, probably you, has asked for {title} to be sent to this address.\n\n"
            f"To confirm the subscription, open this link and press the button there:\n{url}\n\n"
            "If it was not you, do nothing: without your confirmation nothing will be sent.\n"
        ),
    }
