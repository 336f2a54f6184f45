"""Target 4: the worker's CPU time, compared with programs that send the same emails one by one."""

import smtplib
import time
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.utils import formataddr

from benchmarks.campaign import PEOPLE, Campaigns
from benchmarks.figure import Figure
from benchmarks.newsletter import CONTENT, SENDER, Letter, letters
from benchmarks.node import NotMeasured, nodemailer
from benchmarks.smtp_sink import sink

ROUNDS = 25
MAILS = 50  # emails per round, which takes about as long as a chunk of a campaign


def measure(campaigns: Campaigns) -> Iterator[Figure]:
    """The CPU seconds per email, in one run on one machine, the minimum of several rounds each."""
    ours = campaigns.cpu.delivery / PEOPLE
    campaigns.say("· the same newsletter through smtplib and nodemailer")
    mails = letters(MAILS)
    with sink() as port:
        yield _figure("smtplib", ours, min(_smtplib(port, mails) for _ in range(ROUNDS)), 0.08)
        try:
            yield _figure("nodemailer", ours, nodemailer(port, mails, ROUNDS, campaigns.say), 0.15)
        except NotMeasured as reason:
            yield Figure(4, "worker's CPU per email / nodemailer's", f"not measured ({reason})", "<= 0.15")


def _figure(name: str, ours: float, theirs: float, aim: float) -> Figure:
    ratio = ours / theirs
    found = f"{ratio:.3f}: {1 / ratio:.1f} x as many emails in the same time"
    return Figure(4, f"worker's CPU per email / {name}'s", found, f"<= {aim:.2f}", ratio <= aim)


def _smtplib(port: int, mails: list[Letter]) -> float:
    """Build a message for each subscriber and send it over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        began = time.thread_time()
        for letter in mails:
            message = EmailMessage()
            message["From"], message["To"] = SENDER, formataddr((letter.name, letter.email))
            message["Subject"] = _filled(CONTENT["subject"], letter.values)
            message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            message.set_content(_filled(CONTENT["text"], letter.values))
            message.add_alternative(_filled(CONTENT["html"], letter.values), subtype="html")
            smtp.send_message(message)
        return (time.thread_time() - began) / len(mails)


def _filled(template: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        template = template.replace(f"{{{{{name}}}}}", value)
    return template
