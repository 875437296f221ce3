"""Who fails too often has to wait; who does not, never."""

import pytest
from starlette.exceptions import HTTPException

from grader.web.failed_sign_ins import FailedSignIns


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


def _is_refused(failures: FailedSignIns, address: str) -> bool:
    try:
        failures.refuse(address)
    except HTTPException:
        return True
    return False


def test_address_is_refused_after_so_many_failures_and_no_other_is() -> None:
    failures = FailedSignIns(most=2, clock=Clock())

    refused = []
    for _ in range(3):
        refused.append(_is_refused(failures, "a"))
        failures.count("a")

    assert refused == [False, False, True]
    assert not _is_refused(failures, "b")


def test_refusal_says_when_to_come_back_and_ends_then() -> None:
    clock = Clock()
    failures = FailedSignIns(most=1, seconds=60, clock=clock)
    failures.count("a")
    clock.seconds += 20.5

    with pytest.raises(HTTPException) as refusal:
        failures.refuse("a")
    clock.seconds += 39.5

    assert refusal.value.status_code == 429
    assert refusal.value.headers == {"Retry-After": "40"}
    assert "40 seconds" in str(refusal.value.detail)
    assert not _is_refused(failures, "a")


def test_failures_long_ago_are_not_counted() -> None:
    clock = Clock()
    failures = FailedSignIns(most=2, seconds=60, clock=clock)

    for _ in range(3):
        failures.count("a")
        clock.seconds += 61
    failures.count("a")

    assert not _is_refused(failures, "a")


def test_many_addresses_take_bounded_room() -> None:
    failures = FailedSignIns(most=1, clock=Clock())

    for number in range(10_001):
        failures.count(str(number))

    assert not _is_refused(failures, "0")
    assert _is_refused(failures, "10000")
