"""When a timer fires next: `@every 10m`, or six fields with seconds first and a time zone of their own."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART: Final = re.compile(r"([1-9]\d*)([smh])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}
_LIMITS: Final = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Somewhere in this many days every timetable that ever comes true has come true (29 February).
_DAYS_AHEAD: Final = 366 * 8


def next_firing(expression: str, after: float) -> float | None:
    """Return the moment, in seconds since the epoch, at which a checked timetable fires; None is never."""
    if expression.startswith("@every "):
        return after + sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(expression))
    fields = expression.upper().split()
    zone: timezone | ZoneInfo = timezone.utc
    if len(fields) == len(_LIMITS) + 1:
        zone = ZoneInfo(expression.split(maxsplit=1)[0].partition("=")[2])
        fields = fields[1:]
    begin = datetime.fromtimestamp(after, zone).replace(microsecond=0) + timedelta(seconds=1)
    return next((each.timestamp() for each in _moments(fields, begin)), None)


def _moments(fields: list[str], begin: datetime) -> Iterator[datetime]:
    seconds, minutes, hours, days, months, weekdays = (
        _allowed(field, *limits) for field, limits in zip(fields, _LIMITS, strict=True)
    )
    # Sunday is 0 and 7. Where both kinds of day are limited, either may be the one.
    week = {each % 7 for each in weekdays}
    either = all(field not in {"*", "?"} for field in (fields[3], fields[5]))
    for number in range(_DAYS_AHEAD):
        day: date = begin.date() + timedelta(days=number)
        fits = (day.day in days, day.isoweekday() % 7 in week)
        if day.month not in months or not (any(fits) if either else all(fits)):
            continue
        for hour in sorted(hours):
            if number == 0 and hour < begin.hour:
                continue
            for minute in sorted(minutes):
                for second in sorted(seconds):
                    moment = datetime.combine(day, time(hour, minute, second), begin.tzinfo)
                    if moment >= begin:
                        yield moment


def _allowed(field: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        if span in {"*", "?"}:
            first, last = low, high
        else:
            begin, dash, end = span.partition("-")
            first = _number(begin)
            last = _number(end) if dash else (high if slash else first)
        found.update(range(first, last + 1, int(step) if slash else 1))
    return found


def _number(text: str) -> int:
    if text in _MONTHS:
        return _MONTHS.index(text) + 1
    return _DAYS.index(text) if text in _DAYS else int(text)
