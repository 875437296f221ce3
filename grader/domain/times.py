"""A time in words, the same on a page, in a refusal and in a terminal."""

from datetime import datetime, timedelta

_MINUTE_SECONDS = 60


def in_words(when: datetime) -> str:
    """Return a time in its own zone, as `Tue 1 Dec 2026, 23:59 UTC+1`."""
    return f"{day_and_time(when)} {zone_name(when.utcoffset())}"


def day_and_time(when: datetime) -> str:
    """Return a time in its own zone, whose name stands elsewhere."""
    return f"{when:%a} {when.day} {when:%b %Y, %H:%M}"


def zone_name(offset: timedelta | None) -> str:
    """Return what a zone so far from UTC is called."""
    minutes = int((offset or timedelta()).total_seconds() // _MINUTE_SECONDS)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "-"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"
