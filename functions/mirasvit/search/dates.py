"""Parse a date of a filter as MySQL does, into epoch seconds."""

import re
from datetime import UTC, datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = r"(?P<year>\d{4}|\d\d)(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)"
_ZONE = r"(?P<zone>Z|[-+ ]\d\d:?\d\d)?"
_TIME = rf"(?:T|\s+)(?P<hour>\d\d?)(?::(?P<minute>\d\d?)(?::(?P<second>\d\d?)(?:[.,]\d*)?)?{_ZONE})?"
_COMPACT = (
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    rf"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?:[.,]\d*)?{_ZONE})?"
)
_SHAPES = [re.compile(shape, re.ASCII) for shape in (f"{_DATE}(?:{_TIME})?", _COMPACT)]


def seconds_of(value: str) -> int | None:
    """Parse a time into epoch seconds; None if MySQL would not read it as one.

    Without a zone it is UTC. The plus sign of a zone may arrive as a space. The zero date precedes all others.
    """
    text = value.strip()
    if text.startswith("0000-00-00"):
        return _since_epoch(datetime.min.replace(tzinfo=UTC))
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(text))), None)
    if found is None:
        return None
    names = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(found[name] or 0) for name in names)
    if len(found["year"]) == 2:
        year += 2000 if year < 70 else 1900
    try:
        return _since_epoch(datetime(year, month, day, hour, minute, second, tzinfo=_zone(found["zone"] or "Z")))
    except ValueError:
        return None


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)
