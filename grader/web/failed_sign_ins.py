"""Slows down who guesses: after some failures an address has to wait."""

import time
from collections.abc import Callable
from http import HTTPStatus
from math import ceil
from threading import Lock

from starlette.exceptions import HTTPException

_MOST_ADDRESSES = 10_000


class FailedSignIns:
    """Counts the failures of each address, over a time that begins with the first of them.

    Only failures count, so a room full of students behind one address may sign in at once. Each
    process counts for itself: secrets are too long to be guessed, and this only keeps out the din.
    """

    def __init__(
        self, most: int = 10, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._failures: dict[str, tuple[float, int]] = {}  # since when, how many
        self._lock = Lock()

    def refuse(self, address: str) -> None:
        """Refuse an address that has failed too often.

        Raises:
            HTTPException: 429, and when to come back.
        """
        with self._lock:
            since, failures = self._failures.get(address, (0.0, 0))
            left = since + self._seconds - self._clock()
        if failures >= self._most and left > 0:
            seconds = ceil(left)
            detail = f"Signing in failed too often: try again in {seconds} seconds."
            headers = {"Retry-After": str(seconds)}
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, detail, headers)

    def count(self, address: str) -> None:
        """Count a failure."""
        moment = self._clock()
        with self._lock:
            since, failures = self._failures.pop(address, (moment, 0))
            if moment - since >= self._seconds:
                since, failures = moment, 0
            self._failures[address] = (since, failures + 1)
            if len(self._failures) > _MOST_ADDRESSES:
                del self._failures[next(iter(self._failures))]
