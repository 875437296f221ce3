"""Times as a student reads them: in the course's zone, and how far away."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from grader.domain.assignments import Assignment

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
        return _offset(self.now.astimezone(self.zone).utcoffset())

    def moment(self, when: datetime) -> Moment:
        """Say when that is."""
        local = when.astimezone(self.zone)
        return Moment(
            iso=local.isoformat(timespec="seconds"),
            words=f"{local:%a} {local.day} {local:%b %Y, %H:%M}",
            zone=_offset(local.utcoffset()),
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


def _several(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _offset(offset: timedelta | None) -> str:
    minutes = int((offset or timedelta()).total_seconds() // _MINUTE)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "-"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"
