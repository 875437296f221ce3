"""Releases grade, and nothing but releases. On both databases, in the real sandbox."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.domain.people import Identity, Role
from grader.domain.submissions import Submission
from grader.errors import NotFound
from grader.queue.releases import Releases
from grader.queue.slots import SlotPool
from grader.storage.database import Database
from grader.suite.folder import load_suite, take_snapshot
from grader.workflow.people import authenticate, create_token
from grader.workflow.releases import is_current, release, was_released
from grader.workflow.service import Place, Service, list_assignments
from grader.workflow.submissions import read_submission
from grader.workflow.uploads import Upload, submit
from tests.assignments import RIGHT, SUITE, write_assignment
from tests.endings import ended
from tests.processes import wait_for
from tests.releases import WHO, released

PLACE = Place("demo", "doubling")
KEY = ("demo", "doubling")
STRICTER = SUITE.replace("4.0", "5.0")  # what is right loses the first case


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the small assignment's folder."""
    return write_assignment(tmp_path / "reference" / "doubling").path


@pytest.fixture
def service(database: Database, folder: Path, tmp_path: Path) -> Service:
    """Give a service that has released it, without slots."""
    return released(database, folder, tmp_path / "suites")


@pytest.fixture
def ann(service: Service) -> Identity:
    """Give a student."""
    return authenticate(service, create_token(service.database, "ann", Role.STUDENT))


@contextmanager
def grading(service: Service) -> Iterator[None]:
    """Grade in one slot."""
    pool = SlotPool(service.database, service.suites, service.board, 1)
    pool.start()
    try:
        yield
    finally:
        pool.stop(30)


def hand_in(service: Service, identity: Identity) -> int:
    """Hand in a right answer, which has 80 points."""
    return submit(service, identity, PLACE, Upload([("answer.py", RIGHT.encode())])).submission.id


def seen(submission: Submission) -> tuple[str, float | None]:
    """Return the suite version and the points."""
    points = None if submission.score is None else submission.score.points
    return submission.run.suite_version, points


def test_edited_folder_changes_no_score(service: Service, ann: Identity, folder: Path) -> None:
    version = load_suite(folder).version
    with grading(service):
        (folder / "suite" / "test_cases.py").write_text(STRICTER)
        (folder / "assignment.toml").write_text("broken")
        found = ended(service, ann, hand_in(service, ann))

    assert seen(found) == (version, 80.0)


def test_assignment_whose_folder_is_gone_is_read_and_graded(
    service: Service, ann: Identity, folder: Path
) -> None:
    version = load_suite(folder).version
    shutil.rmtree(folder)
    afresh = Service(service.database, Releases(service.database, folder.parent / "other"))

    with grading(afresh):
        found = ended(afresh, ann, hand_in(afresh, ann))

    assert seen(found) == (version, 80.0)
    assert [each.title for each in list_assignments(afresh, ann)] == ["Doubling"]


def test_new_release_grades_new_uploads_and_old_scores_stay(
    service: Service, ann: Identity, folder: Path
) -> None:
    first = load_suite(folder).version
    with grading(service):
        before = hand_in(service, ann)
        ended(service, ann, before)
        (folder / "suite" / "test_cases.py").write_text(STRICTER)
        release(service, take_snapshot(folder), WHO)
        after = ended(service, ann, hand_in(service, ann))

    assert seen(after) == (load_suite(folder).version, 40.0)
    assert seen(read_submission(service, ann, before).submission) == (first, 80.0)


def test_run_is_graded_with_the_version_that_it_was_queued_with(
    service: Service, ann: Identity, folder: Path
) -> None:
    first = load_suite(folder).version
    submission = hand_in(service, ann)
    (folder / "suite" / "test_cases.py").write_text(STRICTER)
    release(service, take_snapshot(folder), WHO)

    with grading(service):
        found = ended(service, ann, submission)

    assert seen(found) == (first, 80.0)


def test_release_by_another_process_is_taken_up_without_a_restart(
    service: Service, ann: Identity, folder: Path, tmp_path: Path
) -> None:
    hand_in(service, ann)
    (folder / "suite" / "test_cases.py").write_text(STRICTER)

    released(service.database, folder, tmp_path / "of another")

    version = load_suite(folder).version
    wait_for(lambda: service.suites[KEY].version == version, "the new release")
    found = read_submission(service, ann, hand_in(service, ann)).submission
    assert found.run.suite_version == version


def test_harmed_cache_is_not_graded_with(
    service: Service, ann: Identity, folder: Path, tmp_path: Path
) -> None:
    place = service.suites.unpack(service.suites[KEY]).path
    (place / "suite" / "test_cases.py").chmod(0o600)
    (place / "suite" / "test_cases.py").write_text(STRICTER)

    with grading(service):
        found = ended(service, ann, hand_in(service, ann))

    assert seen(found) == (load_suite(folder).version, 80.0)


def test_run_whose_suite_cannot_be_unpacked_is_tried_again(
    service: Service, ann: Identity, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "suites"
    in_the_way.write_text("")
    submission = hand_in(service, ann)

    with grading(service):
        wait_for(
            lambda: read_submission(service, ann, submission).submission.run.error,
            "a try that failed",
        )
        told = read_submission(service, ann, submission).submission.run
        in_the_way.unlink()
        found = ended(service, ann, submission)

    assert "cannot be unpacked" in told.error
    assert told.status in ("queued", "running")
    assert found.run.status == "graded"
    assert found.score is not None
    assert found.score.points == 80.0


def test_release_is_found_by_its_version_after_others_followed(
    service: Service, folder: Path
) -> None:
    first = service.suites[KEY]
    (folder / "suite" / "test_cases.py").write_text(STRICTER)
    release(service, take_snapshot(folder), WHO)

    afresh = Releases(service.database, folder)

    assert afresh.find(KEY, first.version) == first
    assert afresh[KEY].id > first.id
    with pytest.raises(NotFound, match="demo/doubling has no release"):
        afresh.find(KEY, "no version")


def test_what_is_current_is_not_released_twice_and_what_was_can_be_again(
    service: Service, folder: Path
) -> None:
    first = take_snapshot(folder)
    release(service, first, WHO)
    same = service.suites[KEY].id
    (folder / "suite" / "test_cases.py").write_text(STRICTER)
    release(service, take_snapshot(folder), WHO)
    second = service.suites[KEY].id
    known = (is_current(service, first), was_released(service, first))
    release(service, first, WHO)

    assert (second, service.suites[KEY].id) == (same + 1, same + 2)
    assert known == (False, True)
    assert is_current(service, first)
