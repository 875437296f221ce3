"""A warm slot and a small assignment, shared by all tests that grade."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

from grader.domain.runs import RunRequest, RunResult, SuiteFolder
from grader.grading.slots import Slot
from tests.assignments import RIGHT, handed_in, write_assignment

# A busy machine is slow, which is no failure.
settings.register_profile(
    "patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

HW4 = Path(__file__).parents[1] / "reference" / "hw4"


class Grade(Protocol):
    """Grades sources by a suite, the small assignment's unless another is given."""

    def __call__(
        self,
        answer: str | bytes = RIGHT,
        helper: str | bytes | None = None,
        *,
        cases: tuple[str, ...] = (),
        seed: int = 1,
        suite: SuiteFolder | None = None,
    ) -> RunResult:
        """Grade once."""


@pytest.fixture(scope="session")
def slot() -> Iterator[Slot]:
    """Give a slot that stays warm; a test that harms processes makes one of its own."""
    with Slot() as running:
        yield running


@pytest.fixture(scope="session")
def doubling(tmp_path_factory: pytest.TempPathFactory) -> SuiteFolder:
    """Give the small assignment as `tests.assignments` writes it."""
    return write_assignment(tmp_path_factory.mktemp("assignments") / "doubling")


@pytest.fixture
def grade(slot: Slot, doubling: SuiteFolder) -> Grade:
    """Give a function that grades sources in the warm slot."""

    def grade(
        answer: str | bytes = RIGHT,
        helper: str | bytes | None = None,
        *,
        cases: tuple[str, ...] = (),
        seed: int = 1,
        suite: SuiteFolder | None = None,
    ) -> RunResult:
        files = handed_in(answer, helper)
        return slot.grade(RunRequest(suite or doubling, files, seed, cases))

    return grade
