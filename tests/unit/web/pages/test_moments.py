"""Times as a student reads them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from grader.web.pages.moments import Clock, course_clock, distance
from tests.factories import an_assignment

NOW = datetime(2027, 1, 29, 22, 59, tzinfo=UTC)


def test_time_is_told_in_the_zone_in_which_the_assignment_is_due() -> None:
    due = datetime(2027, 2, 1, 23, 59, tzinfo=timezone(timedelta(hours=1)))

    clock = course_clock(an_assignment(due=due), NOW)
    moment = clock.moment(due.astimezone(UTC))

    assert moment.words == "Mon 1 Feb 2027, 23:59"
    assert (moment.zone, clock.name) == ("UTC+1", "UTC+1")
    assert moment.iso == "2027-02-01T23:59:00+01:00"
    assert moment.distance == "in 3 days"


def test_without_a_due_date_times_are_utc() -> None:
    assert course_clock(an_assignment(), NOW).moment(NOW).zone == "UTC"


def test_zone_of_half_an_hour_is_named() -> None:
    assert Clock(NOW, timezone(timedelta(hours=5, minutes=30))).name == "UTC+5:30"
    assert Clock(NOW, timezone(-timedelta(hours=3, minutes=30))).name == "UTC-3:30"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (30, "in less than a minute"),
        (-30, "just now"),
        (60, "in 1 minute"),
        (-3599, "59 minutes ago"),
        (3600, "in 1 hour"),
        (-47 * 3600, "47 hours ago"),
        (3 * 86400, "in 3 days"),
    ],
)
def test_distance_is_told_in_words(seconds: float, words: str) -> None:
    assert distance(seconds) == words
