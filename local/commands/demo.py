"""`./dev demo`: send a newsletter, suppress three recipients, and show that the next newsletter skips them.

All steps use the public API of a local stack. The report compares two independent records: the mailbox of the SES
stand-in, and the ledger of the mailer.
"""

import argparse
import csv
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from local.poll import poll
from local.seed import NEWSLETTER, WORKSPACE
from local.stack import Stack
from optout.campaigns.ledger import DeliveryStatus
from tools.stores import Stores
from tools.table import table

AUDIENCE = Path(__file__).parent / "demo_audience.csv"
BODY = """<p>Hello [fname],</p>
<p>this is what happened this week at [Site_Name].</p>
<p>You receive this email because you subscribed. <a href="[unsubscribe]">Unsubscribe</a></p>"""
_LONGEST = 90.0
_SHOWN = 5
_WORDS = {
    "one_click": "skipped: unsubscribed (one click)",
    "bounced": "skipped: hard bounce",
    "complained": "skipped: complaint",
    "unsubscribed": "skipped: unsubscribed",
}


class DemoFailed(Exception):
    """The application did not behave as expected; the text says where."""


@dataclass(frozen=True)
class Demo:
    """A stack with an HTTP client for its API and with its stores, for the ledger."""

    stack: Stack
    http: httpx.Client
    stores: Stores

    def import_audience(self) -> int:
        """Add the subscribers of the file through the LetterBucket dialect; their number."""
        key = self.stack.credentials["letterbucket"]["api_key"]
        with AUDIENCE.open(newline="", encoding="utf-8") as file:
            people = list(csv.DictReader(file))
        for person in people:
            answer = self.http.post("/subscribers", json=person, headers={"Authorization": f"Bearer {key}"})
            expect(answer, 201)
        return len(people)

    def send(self, subject: str) -> int:
        """Send a newsletter through the Rocket.Chat dialect and wait until it has finished; the campaign's number."""
        login = self.stack.credentials["rocketchat"]
        headers = {"X-Auth-Token": login["auth_token"], "X-User-Id": login["user_id"]}
        mailing = {"from": self.stack.credentials["from"], "subject": subject, "body": BODY}
        answer = self.http.post("/api/v1/mailer", json=mailing, headers=headers)
        expect(answer, 200)
        campaign = int(answer.headers["X-Campaign-Id"])
        wait_for("the campaign to finish", lambda: self._finished(campaign))
        return campaign

    def _finished(self, campaign: int) -> bool:
        stored = self.stores.campaigns.get(campaign)
        return stored is not None and stored.state.value == "finished"

    def mails(self, campaign: int) -> list[dict[str, Any]]:
        """The delivered emails of a campaign."""
        found = self.http.get("/_local/mailbox.json").json()
        return [mail for mail in found if mail["campaign_id"] == str(campaign)]

    def click(self, mail: Mapping[str, Any]) -> None:
        """Unsubscribe as an email provider does for its user: one POST without cookies or login (RFC 8058)."""
        url = mail["headers"]["List-Unsubscribe"].split(">")[0].removeprefix("<")
        answer = httpx.post(
            url, content="List-Unsubscribe=One-Click", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        expect(answer, 200)

    def is_unsubscribed(self, email: str) -> bool:
        """Check an address through the Repzo dialect."""
        headers = {"api-key": self.stack.credentials["repzo"]["api_key"]}
        answer = self.http.post("/mail-unsubscribe/check", json={"email": email}, headers=headers)
        expect(answer, 200)
        return bool(answer.json()["data"]["is_unsubscribed"])

    def statuses(self, campaign: int) -> dict[str, tuple[DeliveryStatus | None, str]]:
        """The ledger's status and detail for each address."""
        return {line.recipient.email: (line.status, line.detail) for line in self.stores.campaigns.ledger(campaign)}


def expect(answer: httpx.Response, status: int) -> None:
    if answer.status_code != status:
        raise DemoFailed(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")


def wait_for(what: str, done: Callable[[], bool]) -> None:
    if not poll(done, _LONGEST):
        raise DemoFailed(f"waited {_LONGEST:.0f} seconds for {what}")


def run(stack: Stack) -> None:
    """All steps of the demo. Raises `DemoFailed`."""
    with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as http:
        demo = Demo(stack, http, Stores(stack))
        print(
            f"· adding the subscribers of {AUDIENCE.name} to the newsletter “{NEWSLETTER}” of workspace “{WORKSPACE}”"
        )
        print(f"  {demo.import_audience()} subscribers added; the local stack already has one")
        print("· sending the first newsletter through POST /api/v1/mailer")
        first = demo.send("This week at [Site_Name], [fname]")
        mails = sorted(demo.mails(first), key=lambda mail: str(mail["to"]))
        show_mails(mails)
        leaver = next(mail for mail in mails if mail["to"].startswith("chiara."))
        print(f"· {leaver['to']} clicks “Unsubscribe” in her email program (one-click POST, RFC 8058)")
        demo.click(leaver)
        bouncer, complainer = (
            next(email for email in demo.statuses(first) if email.startswith(kind))
            for kind in ("bounce+", "complaint+")
        )
        print(f"· SES reports a bounce from {bouncer}")
        print(f"  and a complaint from {complainer}")
        for email in (leaver["to"], bouncer, complainer):
            wait_for(f"{email} to be suppressed", partial(demo.is_unsubscribed, email))
        print("  all three addresses are now on the suppression list, for every dialect")
        print("· sending the second newsletter")
        second = demo.send("Next week at [Site_Name], [fname]")
        report(demo, first, second, expected_to_leave=[leaver["to"], bouncer, complainer])


def show_mails(mails: Sequence[Mapping[str, Any]]) -> None:
    rows = [[mail["to"], mail["subject"]] for mail in mails[:_SHOWN]]
    print(f"  {len(mails)} emails were delivered; the first {len(rows)}:")
    print(table(["to", "subject"], rows))
    headers = mails[0]["headers"]
    print("  Each has its own unsubscribe link in two headers:")
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post"):
        print(f"  {name}: {headers[name]}")


def report(demo: Demo, first: int, second: int, expected_to_leave: Sequence[str]) -> None:
    """Print each recipient's result, and the totals. Raises `DemoFailed` if mailbox and ledger disagree."""
    sends = [(demo.statuses(campaign), {mail["to"] for mail in demo.mails(campaign)}) for campaign in (first, second)]
    rows, totals = [], [Counter[str](), Counter[str]()]
    for email in sends[0][0]:
        words = [outcome(statuses.get(email), email in arrived) for statuses, arrived in sends]
        rows.append([email, *words])
        for total, word in zip(totals, words, strict=True):
            total[word] += 1
    print(table(["address", "first newsletter", "second newsletter"], rows) + "\n")
    kinds = sorted({word for total in totals for word in total}, key=lambda word: (word != "delivered", word))
    summary = [[kind, *(str(total[kind]) for total in totals)] for kind in kinds]
    audiences = [len(statuses) for statuses, _ in sends]
    print(table(["result", "first", "second"], [*summary, ["audience", *map(str, audiences)]]))
    for total, audience, (_, arrived) in zip(totals, audiences, sends, strict=True):
        if sum(total.values()) != audience or total["delivered"] != len(arrived):
            raise DemoFailed("the mailbox and the ledger disagree: the table does not add up")
    again = [email for email in expected_to_leave if email in sends[1][1]]
    if again or set(expected_to_leave) != {row[0] for row in rows if row[2].startswith("skipped")}:
        raise DemoFailed(f"the second newsletter did not skip exactly the suppressed addresses: {again}")
    print("It adds up: audience = delivered + bounced + skipped, and no suppressed address was emailed again.")


def outcome(line: tuple[DeliveryStatus | None, str] | None, arrived: bool) -> str:
    """One recipient's result, from the ledger and the mailbox together."""
    status, detail = line or (None, "")
    if status is DeliveryStatus.SENT:
        return "delivered" if arrived else "bounced"
    if status is DeliveryStatus.SKIPPED and not arrived:
        return _WORDS.get(detail, f"skipped: {detail}")
    return f"{status or 'unknown'} {detail}{', but delivered' if arrived else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./dev demo", description="Send two newsletters on this machine and show every recipient's result."
    )
    parser.add_argument("--keep", action="store_true", help="keep the stack running until Ctrl-C")
    keep = parser.parse_args().keep
    try:
        with Stack(parameters={"SiteName": "The Weekly"}, say=print) as stack:
            run(stack)
            if keep:
                print(f"\nMailbox  {stack.url}/_local/mailbox\nAPI      {stack.url}")
                print("To stop the stack, press Ctrl-C.", flush=True)
                signal.pause()
        print("\nTo look at the emails: ./dev demo --keep. To start the stack without the demo: ./dev up.")
    except DemoFailed as failure:
        print(f"The demo failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
