"""Times as a student reads them: in the course's zone, and how far away."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from grader.domain.assignments import Assignment
from grader.domain.times import day_and_time, zone_name

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Moment:
    """A time in words, with what a machine reads."""

    iso: str
    words: str
    zone: str
    distance: str


@dataclass(frozen=True)
class Clock:
    """The course's zone, and the time there."""

    now: datetime
    zone: tzinfo = UTC

    @property
    def name(self) -> str:
        """Return the zone's name, as UTC+1."""
        return zone_name(self.now.astimezone(self.zone).utcoffset())

    def moment(self, when: datetime) -> Moment:
        """Say when that is."""
        local = when.astimezone(self.zone)
        return Moment(
            iso=local.isoformat(timespec="seconds"),
            words=day_and_time(local),
            zone=zone_name(local.utcoffset()),
            distance=distance((when - self.now).total_seconds()),
        )


def course_clock(assignment: Assignment, now: datetime) -> Clock:
    """Return the clock of an assignment: its zone is the one in which it is due."""
    zone = assignment.due.tzinfo if assignment.due is not None else None
    return Clock(now, zone or UTC)


def distance(seconds: float) -> str:
    """Say how far away a time is: seconds to come, or below 0 gone by."""
    far = abs(seconds)
    if far < _MINUTE:
        return "in less than a minute" if seconds > 0 else "just now"
    if far < _HOUR:
        amount = _several(int(far // _MINUTE), "minute")
    elif far < 2 * _DAY:
        amount = _several(int(far // _HOUR), "hour")
    else:
        amount = _several(int(far // _DAY), "day")
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


def how_long(seconds: float) -> str:
    """Say roughly how long something takes that is to come."""
    if seconds <= 5:
        return "a few seconds"
    if seconds < _MINUTE:
        return f"about {math.ceil(seconds / 10) * 10} seconds"
    minutes = math.ceil(seconds / _MINUTE)
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"


def _several(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
