"""Submissions: stored whole or not at all. On both databases."""

from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import event, func, select

from grader.domain.people import Identity, Role
from grader.errors import UploadRefused
from grader.storage import courses, submissions
from grader.storage.database import Database
from grader.storage.tables import ContentRow, PersonRow, RunRow, SubmissionRow
from grader.workflow.people import authenticate, create_token
from grader.workflow.service import Place, Service
from grader.workflow.submissions import Listing, list_submissions, read_file
from grader.workflow.uploads import Upload, submit
from tests.releases import a_service

HW4 = Place("demo", "hw4")
PARTS = [("loss.py", b"x = 1\n")]
RELEASED = 1  # of the contents are the release's


@pytest.fixture
def service(database: Database) -> Service:
    """Give a service of one assignment that takes partial uploads, without slots."""
    return a_service(database, most_waiting=100)


def _count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _contents(database: Database) -> int:
    return _count(database, ContentRow)


def _student(service: Service, name: str = "ann") -> Identity:
    return authenticate(service, create_token(service.database, name, Role.STUDENT))


def test_upload_stores_submission_files_and_run_together(service: Service) -> None:
    view = submit(service, _student(service), HW4, Upload(PARTS))

    assert view.submission.attempt == 1
    assert view.submission.run.status == "queued"
    assert view.submission.warnings
    assert [file.size for file in view.submission.files] == [6]
    assert read_file(service, _student(service), view.submission.id, "loss.py") == b"x = 1\n"


def test_refused_upload_stores_nothing(service: Service) -> None:
    identity = _student(service)

    with pytest.raises(UploadRefused):
        submit(service, identity, HW4, Upload([("loss.py", b"")]))

    assert _count(service.database, SubmissionRow) == 0
    assert _count(service.database, RunRow) == 0
    assert _contents(service.database) == RELEASED


def test_upload_that_fails_in_the_middle_stores_nothing(service: Service) -> None:
    identity = _student(service)

    def fail(*said: Any) -> None:  # noqa: ANN401  # as the library calls it
        if str(said[2]).startswith("INSERT INTO run "):
            raise RuntimeError("power cut")

    event.listen(service.database.engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(RuntimeError):
            submit(service, identity, HW4, Upload(PARTS))
    finally:
        event.remove(service.database.engine, "before_cursor_execute", fail)

    assert _count(service.database, SubmissionRow) == 0
    assert _contents(service.database) == RELEASED


def test_content_is_stored_once_however_often_it_is_handed_in(service: Service) -> None:
    for name in ("ann", "ben", "ann"):
        submit(service, _student(service, name), HW4, Upload(PARTS))

    assert _count(service.database, SubmissionRow) == 3
    assert _contents(service.database) == RELEASED + 1


def test_uploads_at_the_same_moment_become_different_attempts(service: Service) -> None:
    identity = _student(service)
    start = Barrier(6)
    failures: list[BaseException] = []

    def upload() -> None:
        start.wait()
        try:
            submit(service, identity, HW4, Upload(PARTS))
        except BaseException as error:  # noqa: BLE001  # told to the test below
            failures.append(error)

    threads = [Thread(target=upload) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    views = list_submissions(service, identity, HW4, Listing(10))
    assert failures == []
    assert [view.submission.attempt for view in views] == [6, 5, 4, 3, 2, 1]


def test_uploads_to_two_processes_at_the_same_moment_are_all_stored(service: Service) -> None:
    others = [Database(service.database.url) for _ in range(2)]  # as processes would have
    identity = _student(service)
    start = Barrier(2)
    failures: list[BaseException] = []

    def upload(process: Database) -> None:
        start.wait()
        try:
            for _ in range(10):
                submit(replace(service, database=process), identity, HW4, Upload(PARTS))
        except BaseException as error:  # noqa: BLE001  # told to the test below
            failures.append(error)

    threads = [Thread(target=upload, args=(process,)) for process in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for process in others:
        process.close()
    assert failures == []
    assert _count(service.database, SubmissionRow) == 20


def test_new_students_at_the_same_moment_are_all_stored(service: Service) -> None:
    staff = authenticate(service, create_token(service.database, "staff", Role.INSTRUCTOR))
    start = Barrier(6)

    def upload(number: int) -> None:
        start.wait()
        submit(service, staff, HW4, Upload(PARTS, f"student {number // 2}"))

    threads = [Thread(target=upload, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _count(service.database, SubmissionRow) == 6
    assert _count(service.database, PersonRow) == 4


def test_repeated_upload_under_one_key_is_stored_once(service: Service) -> None:
    identity = _student(service)
    first = submit(service, identity, HW4, Upload(PARTS, idempotency_key="k"))

    again = submit(service, identity, HW4, Upload(PARTS, idempotency_key="k"))

    assert again.submission.id == first.submission.id
    assert _count(service.database, SubmissionRow) == 1


def test_listing_takes_the_same_number_of_queries_however_long(service: Service) -> None:
    identity = _student(service)
    counted = []
    for uploads in (1, 20):
        for _ in range(uploads):
            submit(service, identity, HW4, Upload(PARTS))
        queries: list[str] = []

        def note(*args: object, into: list[str] = queries) -> None:
            into.append(str(args[2]))

        event.listen(service.database.engine, "before_cursor_execute", note)
        list_submissions(service, identity, HW4, Listing(25))
        event.remove(service.database.engine, "before_cursor_execute", note)
        counted.append(len(queries))

    assert counted[0] == counted[1] < 10


def test_moments_keep_their_zone(service: Service) -> None:
    before = datetime.now(UTC)

    view = submit(service, _student(service), HW4, Upload(PARTS))

    assert before <= view.submission.created_at <= datetime.now(UTC)
    assert view.submission.created_at.utcoffset() is not None


def test_unknown_submissions_are_left_out(service: Service) -> None:
    with service.database.reading() as session:
        assert submissions.read(session, [1, 2]) == []
        assert courses.find_assignment(session, "demo", "hw5") is None
