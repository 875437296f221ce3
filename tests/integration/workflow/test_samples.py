"""A class is entered once and whole, and is graded behind every upload."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.cli.demo import fill_demo
from grader.domain.people import Role
from grader.domain.submissions import Submission
from grader.errors import UploadRefused
from grader.storage import courses, runs, submissions
from grader.storage.database import Database
from grader.storage.submissions import Page
from grader.workflow.people import authenticate, create_token
from grader.workflow.samples import PastAttempt, enter_class, samples_left
from grader.workflow.service import Place, Service
from grader.workflow.uploads import Upload, submit
from tests.releases import a_service

HW4 = Place("demo", "hw4")
START = datetime(2026, 10, 1, tzinfo=UTC)
PARTS = [("loss.py", b"class BCE: pass\n")]


@pytest.fixture
def service(database: Database) -> Service:
    return a_service(database)


def a_class(*names: str, trigger: str = runs.SAMPLE) -> list[PastAttempt]:
    return [
        PastAttempt(name, START + timedelta(days=day), PARTS, trigger)
        for day, name in enumerate(names)
    ]


def stored(service: Service) -> Sequence[Submission]:
    with service.database.reading() as session:
        assignment = courses.find_assignment(session, "demo", "hw4")
        assert assignment is not None
        ids = submissions.listed(session, Page(assignment.id, None, None, 100))
        return submissions.read(session, ids)[::-1]


def test_class_is_stored_with_its_attempts_in_order(service: Service) -> None:
    entered = enter_class(service, HW4, a_class("ann", "محمد", "ann"))

    found = [(each.student, each.attempt, each.created_at) for each in stored(service)]
    assert entered == 3
    assert found == [
        ("ann", 1, START),
        ("محمد", 1, START + timedelta(days=1)),
        ("ann", 2, START + timedelta(days=2)),
    ]
    assert samples_left(service) == 3


def test_second_class_is_not_entered(service: Service) -> None:
    enter_class(service, HW4, a_class("ann", "ben"))

    again = enter_class(service, HW4, a_class("ann", "cyd"))

    assert again == 0
    assert [each.student for each in stored(service)] == ["ann", "ben"]


def test_class_that_breaks_off_is_not_entered_in_part(service: Service) -> None:
    broken = PastAttempt("cyd", START, [("notes.txt", b"no file of hw4")])
    with pytest.raises(UploadRefused):
        enter_class(service, HW4, [*a_class("ann", "ben"), broken])

    assert stored(service) == []
    assert enter_class(service, HW4, a_class("ann", "ben")) == 2


def test_upload_is_graded_before_a_class_that_waits(service: Service) -> None:
    enter_class(service, HW4, [*a_class("ann", "ben"), *a_class("demo", trigger=runs.UPLOAD)])
    zoe = authenticate(service, create_token(service.database, "zoe", Role.STUDENT))
    uploaded = submit(service, zoe, HW4, Upload(PARTS)).submission

    claimed = []
    for _ in range(4):
        with service.database.writing() as session:
            held = runs.claim(session, "me", START, START + timedelta(days=99))
        assert held is not None
        claimed.append(held.submission_id)

    names = {each.id: each.student for each in stored(service)}
    assert [names[submission_id] for submission_id in claimed] == ["demo", "zoe", "ann", "ben"]
    assert uploaded.attempt == 1


def test_without_samples_there_is_no_class_and_the_log_says_so(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill_demo(service, tmp_path)

    assert stored(service) == []
    assert "no class: its samples are not there" in caplog.messages
