"""Slots over a real database and in the real sandbox."""

import os
import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from grader.domain.people import Identity, Role
from grader.domain.runs import RunStatus
from grader.domain.submissions import Submission
from grader.errors import StorageUnavailable
from grader.queue.owners import new_owner
from grader.queue.slots import SlotPool
from grader.storage import leases, runs
from grader.storage.database import Database
from grader.storage.runs import Claim
from grader.storage.tables import RunRow
from grader.workflow.people import authenticate, create_token
from grader.workflow.service import Place, Service
from grader.workflow.submissions import read_submission
from grader.workflow.uploads import Upload, submit
from tests.endings import ended
from tests.processes import cpu_seconds, descendants_of, wait_for
from tests.releases import released

ROOT = Path(__file__).parents[3]
PLAIN = ROOT / "submissions" / "hw4" / "accepted" / "plain"
HW4 = Place("demo", "hw4")
ENDLESS = (
    b"class BCE:\n    def forward(self, y_out, y_truth):\n        while True:\n            pass\n"
)


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Service:
    """Give a service of the assignment as it stands, without slots."""
    return released(database, ROOT / "reference" / "hw4", tmp_path / "suites")


@pytest.fixture
def ann(service: Service) -> Identity:
    """Give a student."""
    return authenticate(service, create_token(service.database, "ann", Role.STUDENT))


@contextmanager
def _grading(service: Service, slots: int = 2) -> Iterator[SlotPool]:
    pool = SlotPool(service.database, service.suites, service.board, slots)
    pool.start()
    try:
        yield pool
    finally:
        pool.stop(30)


def _submit(service: Service, identity: Identity, *parts: tuple[str, bytes]) -> int:
    files = parts or tuple((path.name, path.read_bytes()) for path in PLAIN.glob("*.py"))
    return submit(service, identity, HW4, Upload(files)).submission.id


def _read(service: Service, identity: Identity, submission: int) -> Submission:
    return read_submission(service, identity, submission).submission


def _processes(others: Collection[int]) -> dict[int, float]:
    """Return the CPU seconds of each process that we started, at any depth, besides `others`."""
    ours = set(descendants_of(os.getpid())).difference(others)
    return {child: cpu_seconds(child) for child in ours if not _is_postgres(child)}


def _most_cpu_since(before: dict[int, float], others: Collection[int]) -> float:
    """Return the most CPU seconds that one process has used since."""
    now = _processes(others).items()
    return max((cpu - before.get(process, 0.0) for process, cpu in now), default=0.0)


def _is_postgres(process: int) -> bool:
    with suppress(OSError):
        return "postgres" in Path(f"/proc/{process}/comm").read_text()
    return False


def test_uploads_are_graded_each_once(service: Service, ann: Identity) -> None:
    with _grading(service):
        submissions = [_submit(service, ann) for _ in range(4)]
        results = [ended(service, ann, submission) for submission in submissions]

    assert [(found.run.status, found.run.tries) for found in results] == [("graded", 1)] * 4
    assert {found.score.points for found in results if found.score} == {100.0}


def test_cases_are_told_one_by_one_as_they_are_judged(service: Service, ann: Identity) -> None:
    submission = _submit(service, ann)
    run = _read(service, ann, submission).run.id
    told: list[tuple[str, ...]] = []

    def note() -> None:
        told.append(tuple(case.name for case in service.board.cases(run, 1)))

    with service.board.following(run, note, each_case=True), _grading(service, slots=1):
        found = ended(service, ann, submission)

    names = sorted(case.name for case in found.run.cases)
    assert [len(cases) for cases in told[:13]] == [0, *range(1, 12), 0]
    assert sorted(told[11]) == names


def test_runs_queued_while_nobody_graded_are_graded_at_start(
    service: Service, ann: Identity
) -> None:
    submission = _submit(service, ann)

    with _grading(service):
        found = ended(service, ann, submission)

    assert found.run.status == "graded"


def test_run_of_a_killed_process_of_this_machine_is_taken_up_at_once(
    service: Service, ann: Identity
) -> None:
    submission = _submit(service, ann)
    now = _read(service, ann, submission).created_at
    with service.database.writing() as session:
        held = runs.claim(session, f"{new_owner().split(':')[0]}:4194305:ab", now, now)
    assert held is not None
    with service.database.writing() as session:
        leases.renew(session, held.owner, now.replace(year=now.year + 1))

    with _grading(service):
        found = ended(service, ann, submission)

    assert (found.run.status, found.run.tries) == ("graded", 2)


def test_run_of_a_lost_machine_is_taken_up_when_its_lease_is_over(
    service: Service, ann: Identity
) -> None:
    submission = _submit(service, ann)
    then = _read(service, ann, submission).created_at
    with service.database.writing() as session:
        runs.claim(session, "elsewhere:1:ab", then, then)

    with _grading(service):
        found = ended(service, ann, submission)

    assert (found.run.status, found.run.tries) == ("graded", 2)


class _LosesAnAnswer(Database):
    """Commits, and once does not hear so: when a slot has claimed its first run."""

    lost = False

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Session]:
        """Give a session whose work is committed, whatever is heard of it."""
        with super().writing(lasting=lasting) as session:
            yield session
        if not self.lost and threading.current_thread().name.startswith("slot-"):
            with self.reading() as session:
                self.lost = bool(leases.owners(session))
            if self.lost:
                raise StorageUnavailable("the connection was lost before the answer came")


def test_claim_whose_answer_was_lost_is_let_go(service: Service, ann: Identity) -> None:
    database = _LosesAnAnswer(service.database.url)
    submission = _submit(service, ann)

    with _grading(replace(service, database=database), slots=1):
        found = ended(service, ann, submission)

    database.close()
    assert database.lost
    assert (found.run.status, found.run.tries) == ("graded", 2)


def test_run_whose_processes_are_all_killed_ends_graded(service: Service, ann: Identity) -> None:
    others = descendants_of(os.getpid())  # servers and slots that serve other tests
    with _grading(service, slots=1):
        ended(service, ann, _submit(service, ann))
        before = _processes(others)
        submission = _submit(service, ann, ("loss.py", ENDLESS))
        # The endless second has begun when some process has used a fifth of it.
        wait_for(lambda: _most_cpu_since(before, others) > 0.2, "the endless second", 60)
        for process in _processes(others):
            os.kill(process, signal.SIGKILL)
        found = ended(service, ann, submission)

    assert found.run.status == "graded"
    assert found.run.tries == 2


def test_run_that_cannot_be_graded_fails_after_three_tries_without_score(
    service: Service, ann: Identity
) -> None:
    submission = _submit(service, ann)
    with service.database.writing() as session:
        session.execute(update(RunRow).values(suite_version="unreleased"))

    with _grading(service):
        found = ended(service, ann, submission)

    assert (found.run.status, found.run.tries) == ("failed", 3)
    assert found.score is None
    assert "demo/hw4 has no release unreleased" in found.run.error


def test_slot_that_ends_by_an_error_of_ours_lets_go_of_its_run_and_is_started_again(
    service: Service, ann: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = runs.finish
    troubles: list[str] = []

    def fail_once(*args: object) -> bool:
        if not troubles:
            troubles.append("an error that nobody foresaw")
            raise RuntimeError(troubles[0])
        return finish(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(runs, "finish", fail_once)
    submission = _submit(service, ann)

    pool = SlotPool(service.database, service.suites, service.board, 1, restart_seconds=0.1)
    pool.start()
    try:
        run = ended(service, ann, submission).run
        wait_for(lambda: not pool.trouble, "the slot is well again")
    finally:
        pool.stop(30)

    assert (run.status, run.tries) == (RunStatus.GRADED, 2)
    assert troubles


def test_result_that_the_database_does_not_take_is_a_failed_try_and_holds_up_no_slot(
    service: Service, ann: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finish_wrongly(session: Session, held: Claim, *_rest: object) -> bool:
        session.execute(update(RunRow).where(RunRow.id == held.run_id).values(tries=None))
        return True

    monkeypatch.setattr(runs, "finish", finish_wrongly)
    submission = _submit(service, ann)

    with _grading(service, slots=1):
        run = ended(service, ann, submission).run

    assert (run.status, run.tries) == (RunStatus.FAILED, 3)
    assert "The database does not take this" in run.error


def test_run_that_outlasts_the_grace_is_queued_again(service: Service, ann: Identity) -> None:
    submission = _submit(service, ann, ("loss.py", ENDLESS))
    pool = SlotPool(service.database, service.suites, service.board, 1)
    pool.start()
    wait_for(lambda: _read(service, ann, submission).run.status == "running", "a run begun", 60)

    pool.stop(0)

    run = _read(service, ann, submission).run
    assert (run.status, run.tries) == ("queued", 1)
    pool.stop(30)
