"""Target 11: the cost of a million emails without SES itself: the requests of one campaign at us-east-1 list prices.

Assumed, not measured: the time that functions wait for responses, the rates of bounces and complaints (both as in
docs/operations.md), and the number of events per object. Sending at a low rate costs more, because a function that
waits for its slots is paid.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.campaign import PEOPLE, WORKSPACE, Campaigns
from benchmarks.figure import Figure
from benchmarks.meter import Tally
from local.ses.accepted import accepted
from optout.feedback.policy import Bounce, Verdict, judge_bounce
from optout.feedback.record import MailTags
from optout.wiring.feedback import recorder as wired_recording

MAILS = 1_000_000
_MILLION, _THOUSAND, _KB_IN_GB = 1_000_000, 1_000, 1_048_576
# US dollars, on demand
WRITE_UNIT, READ_UNIT = 0.625 / _MILLION, 0.125 / _MILLION
SQS_REQUEST, SNS_PUBLISH = 0.40 / _MILLION, 0.50 / _MILLION
LAMBDA_GB_SECOND, LAMBDA_CALL = 0.0000133334, 0.20 / _MILLION  # arm64
S3_PUT, S3_GET = 0.005 / _THOUSAND, 0.0004 / _THOUSAND
FIREHOSE_GB, LOGS_GB = 0.029, 0.50

_CORE = 1_769 / 1_024  # GB of a function with one full core
_BLOCK = 0.3  # GB-seconds to send a block, mostly spent waiting
_CHUNK = 0.05  # GB-seconds to store a chunk of the audience
_EVENT_KB = 5  # the minimum that Firehose charges for a record; ours have 2 to 3
_EVENTS = ("Send", "Delivery")
_OBJECTS = 2_000  # of about a thousand events
_OBJECT = 0.5  # GB-seconds
_NOTICES = 0.02  # the rate of bounces and complaints
_NOTICE = 0.03  # GB-seconds
_MESSAGES_PER_CALL = 10
_LOG_KB = 2  # per call of a function


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill, for a million emails."""

    what: str
    how_many: str
    dollars: float


def measure(campaigns: Campaigns) -> Iterator[Figure]:
    """The bill, line by line, and its sum."""
    lines = [*_jobs(campaigns), *_events(campaigns), *_notices(campaigns)]
    for line in lines:
        yield Figure(11, f"a million emails: {line.what}", f"${line.dollars:.3f}: {line.how_many}")
    total = sum(line.dollars for line in lines)
    yield Figure(11, "a million emails: total without SES", f"${total:.2f}", "<= $1.00", total <= 1.0)


def _jobs(campaigns: Campaigns) -> Iterator[Line]:
    """Expanding the audience, and sending."""
    ran, cpu = campaigns.counted, campaigns.cpu
    scale = MAILS / PEOPLE
    yield _units("walking, units", ran.expansion.asked, scale)
    yield _units("sending, units", ran.delivery.asked, scale)
    blocks, chunks = ran.delivery.asked.requests["SendBulkEmail"] * scale, ran.chunks * scale
    sending = max(_BLOCK * blocks, _CORE * cpu.delivery * scale)
    walking = max(_CHUNK * chunks, _CORE * cpu.expansion * scale)
    yield _functions("both, functions", sending + walking, chunks)
    requests = chunks * (1 / _MESSAGES_PER_CALL + 2)  # a message is sent, received and deleted
    yield Line("both, queues", f"{requests:,.0f} requests for {chunks:,.0f} chunks", requests * SQS_REQUEST)


def _events(campaigns: Campaigns) -> Iterator[Line]:
    """A Send and a Delivery event per email, through Firehose into S3, and from there to a function."""
    size = MAILS * len(_EVENTS) * _EVENT_KB / _KB_IN_GB
    yield Line("events, on their way", f"{size:.1f} GB of Firehose", size * FIREHOSE_GB)
    storing = _OBJECTS * (S3_PUT + S3_GET + 3 * SQS_REQUEST)
    yield Line("events, objects", f"{_OBJECTS:,} put, enqueued and read", storing)
    yield _functions("events, functions", _OBJECTS * _OBJECT, _OBJECTS)
    yield _units("events, units", _recorded(campaigns, PEOPLE), len(_EVENTS) * MAILS / PEOPLE)


def _notices(campaigns: Campaigns) -> Iterator[Line]:
    """Bounces and complaints, through SNS and a queue to a function."""
    notices = round(MAILS * _NOTICES)
    bounces = round(PEOPLE * _NOTICES)
    requests = notices * (1 + 2 / _MESSAGES_PER_CALL)
    sent = notices * SNS_PUBLISH + requests * SQS_REQUEST
    yield Line("bounces, on their way", f"{notices:,} through SNS, {requests:,.0f} requests of SQS", sent)
    asked = _recorded(campaigns, bounces, judge_bounce(Bounce("Permanent", "General", "5.1.1")))
    yield _units("bounces, units", asked, notices / bounces)
    yield _functions("bounces, functions", notices * _NOTICE, notices)


def _functions(what: str, gb_seconds: float, calls: float) -> Line:
    """The cost of functions and their logs."""
    logs = calls * _LOG_KB / _KB_IN_GB
    dollars = gb_seconds * LAMBDA_GB_SECOND + calls * LAMBDA_CALL + logs * LOGS_GB
    return Line(what, f"{gb_seconds:,.0f} GB-s, {calls:,.0f} calls and their logs", dollars)


def _units(what: str, asked: Tally, scale: float) -> Line:
    reads, writes = asked.read_units * scale, asked.write_units * scale
    dollars = reads * READ_UNIT + writes * WRITE_UNIT
    return Line(what, f"{writes:,.0f} write and {reads:,.0f} read units", dollars)


def _recorded(campaigns: Campaigns, mails: int, verdict: Verdict | None = None) -> Tally:
    """The requests to record an event of each of ``mails`` emails. The verdicts are about addresses outside the
    campaign."""
    rows = list(accepted(campaigns.running.stack.ses_url, cid=str(campaigns.counted.number)))
    recorder, kind = wired_recording(), "Bounce" if verdict else "Send"
    with campaigns.running.meter.counting() as tally:
        for at, row in enumerate(rows[:mails]):
            tags, sent = row["tags"], round(row["at"] * 1_000)
            mail = MailTags(WORKSPACE, tags["cid"], tags["blk"], tags["idx"], row["message_id"], sent, kind)
            recorder.record(mail, [(f"bounced.{at}@reader.example", verdict)] if verdict else [])
        recorder.finish()
    return tally
