"""The local pages and control routes: open to people and tools, closed to web pages of other sites."""

import urllib.parse
from html.parser import HTMLParser

import pytest

from tests.local.ses.requests import email
from tests.local.ses.stand_in import StandIn

EVIL = "<script>alert(1)</script>"
ROUTES = ["mailbox", "mailbox.json", "ledger", "settings", "faults", "events"]


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page(ses: StandIn, path: str) -> tuple[Elements, str, dict[str, str]]:
    status, body, headers = ses.http("GET", path)
    assert status == 200
    return Elements(body.decode()), body.decode(), headers


def test_the_mailbox_page_lists_mails_newest_first_and_links_to_each(ses: StandIn) -> None:
    ids = [ses.send("a@example.org"), ses.send("b@example.org")]
    elements, html, _ = page(ses, "/_local/mailbox")
    links = [link["href"] for link in elements.named("a")]
    assert links == [f"/_local/mailbox/{message_id}" for message_id in reversed(ids)]
    assert html.index("b@example.org") < html.index("a@example.org")


def test_the_pages_have_a_language_a_title_a_heading_and_labelled_columns(ses: StandIn) -> None:
    ses.send()
    elements, _, _ = page(ses, "/_local/mailbox")
    assert elements.named("html")[0]["lang"] == "en"
    assert len(elements.named("title")) == len(elements.named("h1")) == len(elements.named("caption")) == 1
    assert all(column["scope"] == "col" for column in elements.named("th"))


def test_a_mail_is_shown_with_its_headers_and_text(ses: StandIn) -> None:
    header = {"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}
    message_id = ses.client.send_email(**email(Headers=[header]))["MessageId"]
    _, html, _ = page(ses, f"/_local/mailbox/{message_id}")
    assert "<dt>List-Unsubscribe</dt><dd>&lt;https://example.com/u&gt;</dd>" in html
    assert "<pre>Hello</pre>" in html


def test_what_a_mail_says_never_becomes_part_of_the_page(ses: StandIn) -> None:
    body = {"Text": {"Data": EVIL}, "Html": {"Data": EVIL}}
    message_id = ses.client.send_email(**email(Subject={"Data": EVIL}, Body=body))["MessageId"]
    for path in ("/_local/mailbox", f"/_local/mailbox/{message_id}"):
        assert page(ses, path)[0].named("script") == []


def test_the_html_of_a_mail_is_caged(ses: StandIn) -> None:
    message_id = ses.send()
    elements, _, headers = page(ses, f"/_local/mailbox/{message_id}")
    (frame,) = elements.named("iframe")
    assert frame["sandbox"] == ""
    assert "default-src 'none'" in headers["content-security-policy"]
    _, html, headers = page(ses, str(frame["src"]))
    assert html == "<p>Hello</p>"
    policy = headers["content-security-policy"].split("; ")
    assert {"sandbox", "default-src 'none'"} <= set(policy)
    assert not any(part.startswith("script-src") for part in policy)


@pytest.mark.parametrize(("name", "shown"), [("=?utf-8?q?Zo=C3=AB?=", "Zoë"), ("=?bogus?q?x?=", "=?bogus?q?x?=")])
def test_a_sender_in_encoded_words_is_shown_as_text_where_possible(ses: StandIn, name: str, shown: str) -> None:
    ses.send(FromEmailAddress=f"{name} <news@example.com>")
    assert shown in page(ses, "/_local/mailbox")[1]


def test_a_mail_that_is_not_there_is_not_found(ses: StandIn) -> None:
    assert ses.http("GET", "/_local/mailbox/none")[0] == 404


def test_the_json_is_oldest_first_and_filtered(ses: StandIn) -> None:
    ses.send("a@example.org")
    ses.send("b@example.org")
    first, second = ses.mails()
    assert (first["to"], second["to"]) == ("a@example.org", "b@example.org")
    assert ses.mails(to="b@example.org") == [second]
    assert ses.mails(after=urllib.parse.quote(first["at"])) == [second]


def test_an_emptied_mailbox_is_empty(ses: StandIn) -> None:
    ses.send()
    assert ses.http("DELETE", "/_local/mailbox")[0] == 204
    assert ses.mails() == []


def test_only_the_latest_mails_are_kept_and_all_are_counted(ses: StandIn) -> None:
    ses.settings(mailbox_limit=2)
    before = ses.last_row()
    for number in range(3):
        ses.send(f"r{number}@example.org")
    assert [mail["to"] for mail in ses.mails()] == ["r1@example.org", "r2@example.org"]
    assert len(ses.rows(before, "recipient")) == 3


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.test"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_are_refused(ses: StandIn, route: str, headers: dict[str, str]) -> None:
    assert ses.http("GET", f"/_local/{route}", **headers)[0] == 403


def test_the_api_refuses_other_sites_too(ses: StandIn) -> None:
    before = ses.last_row()
    assert ses.http("POST", "/v2/email/outbound-emails", email(), Origin="http://evil.test")[0] == 403
    assert ses.last_row() == before


def test_our_own_pages_and_the_address_bar_are_let_in(ses: StandIn) -> None:
    for headers in ({"Origin": ses.url}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        assert ses.http("GET", "/_local/mailbox", **headers)[0] == 200


def test_an_unknown_local_route_is_not_found_and_not_passed_on(ses: StandIn) -> None:
    assert ses.http("GET", "/_local/nothing")[0] == 404
