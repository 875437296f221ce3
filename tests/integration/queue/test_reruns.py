"""Reruns by the real sandbox, when a suite was wrong, too lax, too small or weighed otherwise."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.domain.people import Identity, Role
from grader.domain.reruns import Only, Rerun, RerunState, Wanted
from grader.grading.folders import take_snapshot
from grader.queue.slots import SlotPool
from grader.storage.database import Database
from grader.workflow.people import authenticate, create_token
from grader.workflow.releases import release
from grader.workflow.rerun_changes import ChangeListing, list_changes, read_proposal
from grader.workflow.reruns import apply_rerun, read_rerun, start_rerun, undo_rerun
from grader.workflow.service import Place, Service
from grader.workflow.submissions import Listing, list_submissions
from grader.workflow.uploads import Upload, submit
from tests.assignments import SUITE, handed_in, write_assignment
from tests.processes import wait_for
from tests.releases import no_suites, released

DOUBLING = Place("demo", "doubling")
PATIENCE = 60.0  # seconds, in which a busy machine also starts a slot
ANSWERS = {
    "right": "def answer(x):\n    return 2 * x\n",
    "near": "def answer(x):\n    return 2 * x + 0.01\n",
    "plus one": "def answer(x):\n    return 2 * x + 1\n",
    "raises": "def answer(x):\n    raise ValueError(x)\n",
}
WRONG = SUITE.replace("answer(3.0), 6.0", "answer(3.0), 7.0")
LAX = SUITE.replace("answer(2.0), 4.0", "answer(2.0), 4.0, atol=0.1")
HEAVIER = LAX.replace('"First", points=40', '"First", points=30').replace(
    '"Second", points=40', '"Second", points=50'
)
WRONG_HEAVIER = SUITE.replace('"First", points=40', '"First", points=20').replace(
    '"Second", points=40', '"Second", points=60'
)
ADDED = (
    SUITE.replace('"First", points=40', '"First", points=20')
    + """

@pytest.mark.case("Negative", points=20, file="answer.py")
def test_negative(submission, check):
    check.close(submission.answer.answer(-1.0), -2.0, atol=0.1)
"""
)


@contextmanager
def grading(service: Service) -> Iterator[SlotPool]:
    pool = SlotPool(service.database, service.suites, service.board, 1)
    pool.start()
    try:
        yield pool
    finally:
        pool.stop(30)


@pytest.fixture
def tutor(database: Database) -> Identity:
    secret = create_token(database, "tutor", Role.INSTRUCTOR)
    return authenticate(no_suites(database), secret)


def scores(service: Service, tutor: Identity) -> dict[str, float | None]:
    views = list_submissions(service, tutor, DOUBLING, Listing(100))
    found = ((view.submission.student, view.submission.score) for view in views)
    return {student: score.points if score else None for student, score in found}


def ended(service: Service, tutor: Identity, begun: Rerun) -> Rerun:
    def over() -> bool:
        return not read_rerun(service, tutor, begun.id).state.under_way

    wait_for(over, "the end of the rerun", PATIENCE)
    return read_rerun(service, tutor, begun.id)


@pytest.mark.parametrize(
    ("first", "then", "changes"),
    [
        pytest.param(
            WRONG,
            SUITE,
            {"right": (40, 80), "plus one": (40, 0)},
            id="a wrong case is mended",
        ),
        pytest.param(LAX, SUITE, {"near": (40, 0)}, id="a case is made stricter"),
        pytest.param(
            SUITE,
            ADDED,
            {"near": (0, 20), "plus one": (0, 0), "raises": (0, 0)},
            id="a case is added",
        ),
        pytest.param(
            WRONG,
            WRONG_HEAVIER,
            {"right": (40, 80), "plus one": (40, 0)},
            id="a wrong case is mended and weighs more",
        ),
        pytest.param(LAX, HEAVIER, {"near": (40, 30)}, id="points are moved"),
    ],
)
def test_release_and_rerun_move_exactly_those_affected(
    database: Database,
    tmp_path: Path,
    tutor: Identity,
    first: str,
    then: str,
    changes: Mapping[str, tuple[float, float]],
) -> None:
    folder = tmp_path / "doubling"
    write_assignment(folder, first)
    service = released(database, folder, tmp_path / "suites")
    with grading(service):
        for student, answer in ANSWERS.items():
            parts = tuple(handed_in(answer).items())
            submit(service, tutor, DOUBLING, Upload(parts, student))
        wait_for(lambda: None not in scores(service, tutor).values(), "all graded", PATIENCE)
        before = scores(service, tutor)
        write_assignment(folder, then)
        release(service, take_snapshot(folder), "a test")

        begun = start_rerun(service, tutor, DOUBLING, Wanted())
        rerun = ended(service, tutor, begun)

    found = list_changes(service, tutor, rerun.id, ChangeListing())
    assert rerun.state is RerunState.READY
    assert {
        each.row.student: (each.row.before.score, each.row.after.score) for each in found
    } == changes
    assert scores(service, tutor) == before
    apply_rerun(service, tutor, rerun.id, Only.ALL)
    moved = {student: after for student, (_, after) in changes.items()}
    assert scores(service, tutor) == {**before, **moved}
    undo_rerun(service, tutor, rerun.id)
    assert scores(service, tutor) == before


def test_case_that_the_suite_lacks_fails_the_rerun_and_moves_nothing(
    database: Database, tmp_path: Path, tutor: Identity
) -> None:
    folder = tmp_path / "doubling"
    write_assignment(folder)
    service = released(database, folder, tmp_path / "suites")
    with grading(service):
        submit(service, tutor, DOUBLING, Upload(tuple(handed_in().items()), "ann"))
        wait_for(lambda: None not in scores(service, tutor).values(), "all graded", PATIENCE)
        before = scores(service, tutor)
        write_assignment(folder, ADDED)
        release(service, take_snapshot(folder), "a test")

        begun = start_rerun(service, tutor, DOUBLING, Wanted(cases=("Missing",)))
        rerun = ended(service, tutor, begun)

    (change,) = list_changes(service, tutor, rerun.id, ChangeListing())
    assert "has no case Missing" in change.row.after.error
    assert read_proposal(service, tutor, rerun.id).totals.failed == 1
    apply_rerun(service, tutor, rerun.id, Only.ALL)
    assert scores(service, tutor) == before
