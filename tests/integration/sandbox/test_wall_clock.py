"""The wall clock of a case: it ends who sleeps, and nobody who waits for us or for a core."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from grader.domain.runs import SuiteFolder
from grader.domain.verdicts import CaseResult, Verdict
from grader.sandbox.zygote import Zygote
from grader.suite.session import Session
from grader.suite.submission import Submission
from tests.assignments import handed_in, write_assignment
from tests.turns import run_case, session_on

CASE_SECONDS = 0.1
WALL_SECONDS = 4 * CASE_SECONDS
SOURCE = """
import time


def ask(function):
    return function(1.0)


def ready():
    return 1.0


def nap():
    time.sleep(0.2)
    return 1.0


def call_and_nap(function):
    while True:
        function(1.0)
        time.sleep(0.01)
"""
_NEVER = Event()


@pytest.fixture
def suite(tmp_path: Path) -> SuiteFolder:
    """Give an assignment whose cases have little time."""
    return write_assignment(tmp_path / "brief", case_seconds=CASE_SECONDS)


@pytest.fixture
def session(suite: SuiteFolder) -> Iterator[Session]:
    """Give a run's session."""
    with Zygote(slot=6) as zygote, session_on(zygote, suite, handed_in(SOURCE)) as session:
        yield session


def late(x: float) -> float:
    """Answer when the case's wall clock has run out."""
    _NEVER.wait(WALL_SECONDS + 0.1)
    return x


def test_child_that_waited_for_us_is_not_taken_for_one_that_sleeps(session: Session) -> None:
    def case(submission: Submission) -> None:
        submission.answer.ask(submission.function(late))

    assert run_case(session, case).verdict is Verdict.ACCEPTED


def test_child_that_lost_the_time_of_its_case_by_no_fault_of_its_own_answers_on(
    session: Session,
) -> None:
    def case(submission: Submission) -> None:
        submission.answer.ask(submission.function(late))
        for _ in range(10):
            submission.answer.ready()

    assert run_case(session, case).verdict is Verdict.ACCEPTED


def test_naps_over_many_calls_are_counted_together(session: Session) -> None:
    answered: list[None] = []

    def case(submission: Submission) -> None:
        for _ in range(100):
            submission.answer.nap()
            answered.append(None)

    _is_over_time(run_case(session, case))
    assert len(answered) <= 4 * WALL_SECONDS / 0.2 + 1


def test_child_that_calls_between_naps_is_not_excused_for_ever(session: Session) -> None:
    def case(submission: Submission) -> None:
        submission.answer.call_and_nap(submission.function(float))

    _is_over_time(run_case(session, case))


def _is_over_time(result: CaseResult) -> None:
    assert result.verdict is Verdict.TIME_LIMIT
