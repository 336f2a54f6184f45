"""The mailbox as web pages without scripts: the list, one email, and its HTML part for a sandboxed frame."""

from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from local.ses.mailbox import Mail, MailStore, headers

PAGE_SIZE = 100
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# The HTML of an email is untrusted: no scripts, no network, an origin of its own; only inline styles and images.
MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
_PRIVATE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/_local/mailbox.css">
</head>
<body>
"""


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    document = f"{_HEAD.format(title=escape(title))}{body}\n</body>\n</html>\n"
    return HTMLResponse(document, status, {"Content-Security-Policy": PAGE_POLICY, **_PRIVATE})


def mail_list(mails: MailStore, page: int, to: str) -> HTMLResponse:
    if to:
        found = list(mails.oldest_first(to=to))[::-1]
        rows, total = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], len(found)
    else:
        rows, total = mails.newest((page - 1) * PAGE_SIZE, PAGE_SIZE), len(mails)
    empty = "No emails to this address." if to else "No emails yet."
    content = _table(rows) if rows else f'<p class="empty">{empty}</p>'
    search = (
        '<form role="search" action="/_local/mailbox"><label for="to">To</label> <input id="to" name="to" '
        f'type="search" value="{escape(to)}" placeholder="full email address"> <button>Filter</button></form>'
    )
    place = "to this address" if to else "in the mailbox"
    kept = f"only the latest {mails.limit:,} are kept"
    counts = f"<p>Emails {place}: {total:,}. Delivered in total: {mails.delivered:,}; {kept}.</p>"
    body = f"<main><h1>Mailbox</h1>{counts}{search}{content}{_pager(page, total, to)}</main>"
    return _page("Mailbox", body)


def _table(rows: list[Mail]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Subject", "To", "From", "Time"))
    body = "".join(map(_row, rows))
    caption = "<caption>Delivered emails, newest first</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(mail: Mail) -> str:
    message = mail.message
    subject = escape(message.content.subject) or "(no subject)"
    link = f'<a href="/_local/mailbox/{quote(message.message_id)}">{subject}</a>'
    cells = (link, escape(mail.recipient), escape(_decoded(message.sender)), _time(message.at))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _decoded(text: str) -> str:
    """The text with its encoded words (RFC 2047) decoded, as email programs show it."""
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, UnicodeError, HeaderParseError):
        return text


def _time(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f'<time datetime="{moment.isoformat(timespec="seconds")}">{moment:%Y-%m-%d %H:%M:%S} UTC</time>'


def _pager(page: int, total: int, to: str) -> str:
    filter_ = f"&amp;to={quote(to)}" if to else ""
    links = []
    if page > 1:
        links.append(f'<a rel="prev" href="/_local/mailbox?page={page - 1}{filter_}">Newer</a>')
    if page * PAGE_SIZE < total:
        links.append(f'<a rel="next" href="/_local/mailbox?page={page + 1}{filter_}">Older</a>')
    return f'<nav aria-label="Pages">{" ".join(links)}</nav>' if links else ""


def mail_page(rows: list[Mail]) -> HTMLResponse:
    if not rows:
        back = '<p><a href="/_local/mailbox">Back to the mailbox</a></p>'
        gone = "<p>This email is not in the mailbox. The mailbox keeps only the latest emails.</p>"
        return _page("Email not found", f"<main><h1>Email not found</h1>{gone}{back}</main>", 404)
    message = rows[0].message
    subject = message.content.subject or "(no subject)"
    facts = {"Delivered to": ", ".join(mail.recipient for mail in rows), **headers(message)}
    facts |= {f"Tag {name}": value for name, value in message.tags.items()}
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    sections = [f"<h2>Headers</h2><dl>{listed}</dl>"]
    if message.content.text is not None:
        sections.append(f"<h2>Text</h2><pre>{escape(message.content.text)}</pre>")
    if message.content.html is not None:
        source = f"/_local/mailbox/{quote(message.message_id)}/html"
        sections.append(f'<h2>HTML</h2><iframe sandbox="" src="{source}" title="HTML part of the email"></iframe>')
    back = '<nav aria-label="Mailbox"><a href="/_local/mailbox">Mailbox</a></nav>'
    return _page(subject, f"{back}<main><h1>{escape(subject)}</h1>{''.join(sections)}</main>")


def mail_html(rows: list[Mail]) -> Response:
    html = rows[0].message.content.html if rows else None
    if html is None:
        return Response("Email not found.", 404, media_type="text/plain")
    return HTMLResponse(html, headers={"Content-Security-Policy": MAIL_POLICY, **_PRIVATE})


def style() -> Response:
    return Response(Path(__file__).with_name("mailbox.css").read_text(), media_type="text/css", headers=_PRIVATE)
