"""Who fails too often has to wait; who does not, never."""

import pytest
from starlette.exceptions import HTTPException

from grader.web.tries import FailedTries


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


def _is_refused(tries: FailedTries, address: str) -> bool:
    try:
        tries.refuse(address)
    except HTTPException:
        return True
    return False


def test_address_is_refused_after_so_many_failures_and_no_other_is() -> None:
    tries = FailedTries(most=2, clock=Clock())

    refused = []
    for _ in range(3):
        refused.append(_is_refused(tries, "a"))
        tries.failed("a")

    assert refused == [False, False, True]
    assert not _is_refused(tries, "b")


def test_refusal_says_when_to_come_back_and_ends_then() -> None:
    clock = Clock()
    tries = FailedTries(most=1, seconds=60, clock=clock)
    tries.failed("a")
    clock.seconds += 20.5

    with pytest.raises(HTTPException) as refusal:
        tries.refuse("a")
    clock.seconds += 39.5

    assert refusal.value.status_code == 429
    assert refusal.value.headers == {"Retry-After": "40"}
    assert "40 seconds" in str(refusal.value.detail)
    assert not _is_refused(tries, "a")


def test_failures_long_ago_are_not_counted() -> None:
    clock = Clock()
    tries = FailedTries(most=2, seconds=60, clock=clock)

    for _ in range(3):
        tries.failed("a")
        clock.seconds += 61
    tries.failed("a")

    assert not _is_refused(tries, "a")


def test_many_addresses_take_bounded_room() -> None:
    tries = FailedTries(most=1, clock=Clock())

    for number in range(10_001):
        tries.failed(str(number))

    assert not _is_refused(tries, "0")
    assert _is_refused(tries, "10000")
