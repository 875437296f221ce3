"""What a case lends, and that it is gone when the case has ended."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SuiteFailure
from grader.sandbox.lease import Lease
from grader.suite.case import Case
from grader.suite.plan import make_plan
from grader.suite.session import CaseSpec, Session, derived_seed
from grader.suite.stand_in import Outside
from tests.assignments import handed_in, write_assignment

CALL: tuple[tuple[float], dict[str, Any]] = ((2.0,), {})


def double(x: float) -> float:
    return 2 * x


def work(state: dict[str, Any], x: float) -> tuple[float, dict[str, Any]]:
    return state["factor"] * x, {"factor": 0}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Give the session of a run that never needs a child."""
    suite = write_assignment(tmp_path / "doubling")
    ours, theirs = socket.socketpair()
    with theirs:
        session = Session(Lease(ours), make_plan(suite.assignment, suite.path), handed_in(), seed=1)
        yield session
        session.close()


def case_in(session: Session, name: str = "Case") -> Case:
    return Case(session, CaseSpec(name, "answer.py", 10.0, visible=True, seconds=1.0))


def test_function_answers_while_its_case_runs(session: Session) -> None:
    case = case_in(session)

    number = case.function(double).number

    assert case._outside(number, {}, CALL) == (4.0, {})


def test_method_of_a_stand_in_gets_the_state_and_gives_the_changes(session: Session) -> None:
    case = case_in(session)

    number = case._register(Outside(work, reads=("factor",)))

    assert case._outside(number, {"factor": 3}, CALL) == (6.0, {"factor": 0})


def test_function_is_revoked_when_its_case_ends(session: Session) -> None:
    case = case_in(session)
    number = case.function(double).number

    case.end()

    with pytest.raises(RuntimeError, match="has ended"):
        case._outside(number, {}, CALL)


def test_function_of_one_case_is_not_another_s(session: Session) -> None:
    first = case_in(session, "First")
    number = first.function(double).number
    first.end()

    second = case_in(session, "Second")
    second.function(double)

    with pytest.raises(RuntimeError, match="has ended"):
        second._outside(number, {}, CALL)


def test_case_that_has_ended_lends_nothing(session: Session) -> None:
    case = case_in(session)
    case.end()

    with pytest.raises(SuiteFailure, match="has ended"):
        case.function(double)


def test_no_number_is_given_twice_in_a_run(session: Session) -> None:
    cases = [case_in(session, name) for name in "AB"]

    numbers = [case.function(double).number for case in cases for _ in range(5)]

    assert len(set(numbers)) == 10


def test_replacement_comes_before_anything_is_asked(session: Session) -> None:
    case = case_in(session)
    case._asked = True

    with pytest.raises(SuiteFailure, match="before anything"):
        case.replace("helper.py", {})


def test_seed_of_a_case_betrays_neither_the_run_s_nor_another_s() -> None:
    seeds = {
        derived_seed(seed, case, purpose)
        for seed in (1, 11)
        for case in ("Case", "1Case")
        for purpose in ("suite", "submission")
    }

    assert len(seeds) == 8
    assert min(seeds) > 1 << 32
