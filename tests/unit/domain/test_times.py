"""Times in words."""

from datetime import datetime, timedelta, timezone

import pytest

from grader.domain.times import in_words


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        pytest.param(0, "UTC", id="utc"),
        pytest.param(1, "UTC+1", id="east"),
        pytest.param(5.5, "UTC+5:30", id="half an hour"),
        pytest.param(-3.5, "UTC-3:30", id="west"),
    ],
)
def test_time_is_told_with_the_name_of_its_zone(hours: float, zone: str) -> None:
    when = datetime(2027, 2, 1, 23, 59, tzinfo=timezone(timedelta(hours=hours)))

    assert in_words(when) == f"Mon 1 Feb 2027, 23:59 {zone}"
