"""The main job, end to end: a newsletter goes out, people leave, and the next one skips them.

Everything goes through the public API of the running stack; what arrived is counted in the mailbox, by the SES
stand-in's own books, and compared with the ledger that the product keeps.
"""

import argparse
import csv
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from local.seed import NEWSLETTER, WORKSPACE
from local.stack import Stack
from optout.campaigns.ledger import DeliveryStatus
from tools.stores import Stores
from tools.table import table

AUDIENCE = Path(__file__).parent / "demo_audience.csv"
BODY = """<p>Hello [fname],</p>
<p>this is what happened this week at [Site_Name].</p>
<p>You get this mail because you subscribed. <a href="[unsubscribe]">Unsubscribe</a></p>"""
_LONGEST = 90.0
_WORDS = {
    "one_click": "skipped: left by one click",
    "bounced": "skipped: hard bounce",
    "complained": "skipped: complaint",
    "unsubscribed": "skipped: unsubscribed",
}


class DemoFailed(Exception):
    """What was seen is not what was promised."""


@dataclass(frozen=True)
class Demo:
    """The demo's view of a stack: its HTTP clients and, for the comparison at the end, its ledger."""

    stack: Stack
    http: httpx.Client
    stores: Stores

    def import_audience(self) -> int:
        """Subscribe everybody of the file through the LetterBucket dialect."""
        key = self.stack.credentials["letterbucket"]["api_key"]
        with AUDIENCE.open(newline="", encoding="utf-8") as file:
            people = list(csv.DictReader(file))
        for person in people:
            answer = self.http.post("/subscribers", json=person, headers={"Authorization": f"Bearer {key}"})
            expect(answer, 201)
        return len(people)

    def send(self, subject: str) -> int:
        """Send a newsletter through the Rocket.Chat dialect and wait until everybody is accounted for."""
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
        """The delivered mails of a campaign."""
        found = self.http.get("/_local/mailbox.json").json()
        return [mail for mail in found if mail["campaign_id"] == str(campaign)]

    def click(self, mail: Mapping[str, Any]) -> None:
        """Leave as a mail provider does it for its user: one POST, no cookies, no login (RFC 8058)."""
        url = mail["headers"]["List-Unsubscribe"].split(">")[0].removeprefix("<")
        answer = httpx.post(
            url, content="List-Unsubscribe=One-Click", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        expect(answer, 200)

    def is_unsubscribed(self, email: str) -> bool:
        """Ask through the Repzo dialect."""
        headers = {"api-key": self.stack.credentials["repzo"]["api_key"]}
        answer = self.http.post("/mail-unsubscribe/check", json={"email": email}, headers=headers)
        expect(answer, 200)
        return bool(answer.json()["data"]["is_unsubscribed"])

    def statuses(self, campaign: int) -> dict[str, tuple[DeliveryStatus | None, str]]:
        """What the ledger says of each address."""
        return {line.recipient.email: (line.status, line.detail) for line in self.stores.campaigns.ledger(campaign)}


def expect(answer: httpx.Response, status: int) -> None:
    if answer.status_code != status:
        raise DemoFailed(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")


def wait_for(what: str, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONGEST
    while not done():
        if time.monotonic() > deadline:
            raise DemoFailed(f"waited {_LONGEST:.0f} s for {what}; `./dev logs` shows what the functions said")
        time.sleep(0.1)


def run(stack: Stack) -> None:
    """The story; raises `DemoFailed` where it does not hold."""
    with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as http:
        demo = Demo(stack, http, Stores(stack))
        print(f"· subscribing {AUDIENCE.name} to the newsletter “{NEWSLETTER}” of the workspace “{WORKSPACE}”")
        print(f"  {demo.import_audience()} people, and the example subscriber that every local stack has")
        print("· sending the first newsletter through POST /api/v1/mailer")
        first = demo.send("This week at [Site_Name], [fname]")
        mails = sorted(demo.mails(first), key=lambda mail: str(mail["to"]))
        show_mails(mails)
        leaver = next(mail for mail in mails if mail["to"].startswith("chiara."))
        print(f"· {leaver['to']} presses “Unsubscribe” in her mail program: POST of RFC 8058, no login")
        demo.click(leaver)
        bouncer, complainer = (
            next(email for email in demo.statuses(first) if email.startswith(kind))
            for kind in ("bounce+", "complaint+")
        )
        print(f"· SES reports that {bouncer} bounced and that {complainer} complained")
        for email in (leaver["to"], bouncer, complainer):
            wait_for(f"{email} to be suppressed", partial(demo.is_unsubscribed, email))
        print("  all three are on the list now, for every dialect")
        print("· sending the second newsletter")
        second = demo.send("Next week at [Site_Name], [fname]")
        report(demo, first, second, expected_to_leave=[leaver["to"], bouncer, complainer])


def show_mails(mails: Sequence[Mapping[str, Any]]) -> None:
    rows = [[mail["to"], mail["subject"], str(mail["text"]).split("\n")[0]] for mail in mails]
    print(f"  {len(mails)} mails arrived:")
    print(table(["to", "subject", "first line"], rows))
    headers = mails[0]["headers"]
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post"):
        print(f"  {name}: {headers[name]}")


def report(demo: Demo, first: int, second: int, expected_to_leave: Sequence[str]) -> None:
    """Who got what, from two books that must agree: the mailbox and the ledger."""
    sends = [(demo.statuses(campaign), {mail["to"] for mail in demo.mails(campaign)}) for campaign in (first, second)]
    rows, totals = [], [Counter[str](), Counter[str]()]
    for email in sends[0][0]:
        words = [outcome(statuses.get(email), email in arrived) for statuses, arrived in sends]
        rows.append([email, *words])
        for total, word in zip(totals, words, strict=True):
            total[word] += 1
    print(table(["", "first newsletter", "second newsletter"], rows))
    kinds = sorted({word for total in totals for word in total}, key=lambda word: (word != "delivered", word))
    summary = [[kind, *(str(total[kind]) for total in totals)] for kind in kinds]
    audiences = [len(statuses) for statuses, _ in sends]
    print(table(["", "first", "second"], [*summary, ["audience", *map(str, audiences)]]))
    for total, audience, (_, arrived) in zip(totals, audiences, sends, strict=True):
        if sum(total.values()) != audience or total["delivered"] != len(arrived):
            raise DemoFailed("the table does not add up")
    again = [email for email in expected_to_leave if email in sends[1][1]]
    if again or set(expected_to_leave) != {row[0] for row in rows if row[2].startswith("skipped")}:
        raise DemoFailed(f"the second newsletter did not skip exactly those who left: {again}")
    print("It adds up: audience = delivered + bounced + skipped, and nobody who left was mailed again.")


def outcome(line: tuple[DeliveryStatus | None, str] | None, arrived: bool) -> str:
    """One recipient's word in the table, from the ledger and the mailbox together."""
    status, detail = line or (None, "")
    if status is DeliveryStatus.SENT:
        return "delivered" if arrived else "bounced"
    if status is DeliveryStatus.SKIPPED and not arrived:
        return _WORDS.get(detail, f"skipped: {detail}")
    return f"{status or 'unknown'} {detail}{', but arrived' if arrived else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev demo", description="The main job, end to end, on this machine.")
    parser.add_argument("--keep", action="store_true", help="leave the stack up until Ctrl-C")
    keep = parser.parse_args().keep
    try:
        with Stack(parameters={"SiteName": "The Weekly"}, say=print) as stack:
            run(stack)
            print(f"\nMailbox        {stack.url}/_local/mailbox\nAPI            {stack.url}")
            if keep:
                print("The stack stays up until Ctrl-C.", flush=True)
                signal.pause()
            print("Stopped. `./dev demo --keep` leaves it up, `./dev up` starts it without the story.")
    except DemoFailed as failure:
        print(f"The demo failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
