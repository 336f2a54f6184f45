"""The newsletter of all benchmarks: 11.5 KB of HTML and plain text, typical for a few articles."""

from dataclasses import dataclass

from optout.messages.body import Body
from optout.messages.template import Person, Site, compose, values
from optout.runtime.html import parse_html

SENDER = "Our News <news@example.com>"
SUBJECT = "What is new this week, [fname]"
_SIZE = 11_500  # bytes of HTML and plain text
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>What is new</title></head>
<body style="margin:0;background:#f4f5f7;font:16px/1.5 Georgia,serif;color:#1c2430">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="background:#ffffff">
<tr><td style="padding:24px"><h1 style="margin:0 0 16px">What is new this week</h1><p>Hello [fname],</p></td></tr>
"""
_ARTICLE = """<tr><td style="padding:0 24px 24px;border-bottom:1px solid #e2e5ea">
<img src="https://images.example.com/2026/week-{n}/picture.jpg" width="552" height="240" alt="" style="display:block">
<h2 style="margin:16px 0 8px;font-size:20px;color:#1f5fbf">Article {n}: “more of what you came for”</h2>
<p style="margin:0 0 12px">There is a new part, number {n}, of the series that so many of you have asked for. It tells
what has changed since the last one, what stays as it was, and what the people who made it would do otherwise.</p>
<a href="https://news.example.com/2026/article-{n}?from=mail" style="display:inline-block;padding:8px 16px;
border-radius:6px;background:#1f5fbf;color:#ffffff;text-decoration:none">Read article {n}</a></td></tr>
"""
_FOOT = """<tr><td style="padding:24px;font-size:13px;color:#6b7480"><p>You get this mail because you have subscribed.
<a href="[unsubscribe]">Unsubscribe</a></p></td></tr></table></td></tr></table></body></html>
"""


def _body() -> str:
    body, n = _HEAD, 1
    while _size(body + _ARTICLE.format(n=n) + _FOOT) <= _SIZE:
        body, n = body + _ARTICLE.format(n=n), n + 1
    return body + " " * (_SIZE - _size(body + _FOOT)) + _FOOT


def _size(body: str) -> int:
    content = compose(SUBJECT, Body(parse_html, body))
    return len(content["html"].encode()) + len(content["text"].encode())


BODY = _body()
CONTENT = compose(SUBJECT, Body(parse_html, BODY))  # templates with {{variables}}, with a plain-text part


@dataclass(frozen=True, slots=True)
class Letter:
    """One message for the programs that the product is compared with: the recipient and the values of the templates."""

    name: str
    email: str
    unsubscribe: str
    values: dict[str, str]


def letters(count: int) -> list[Letter]:
    """The messages to the first ``count`` subscribers."""
    made = []
    for at in range(count):
        name, email = reader(at)
        link = f"https://news.example.com/u/{at:052d}"  # as long as the product's
        made.append(Letter(name, email, link, values(CONTENT, Person(name, email, link), Site("", ""))))
    return made


def reader(at: int) -> tuple[str, str]:
    """The name and address of an invented person."""
    return f"Ada Lovelace {at}", f"ada.lovelace.{at}@reader.example"
