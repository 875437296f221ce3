"""The thread that renews leases and sweeps, of a process without slots."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from grader.domain.people import Role
from grader.domain.runs import RunStatus
from grader.queue.slots import SlotPool
from grader.storage import leases, runs
from grader.storage.database import Database
from grader.workflow.people import authenticate, create_token
from grader.workflow.service import Place
from grader.workflow.uploads import Upload, submit
from tests.processes import wait_for
from tests.releases import a_service


def test_error_of_ours_at_one_sweep_does_not_end_the_sweeping(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = a_service(database)
    ann = authenticate(service, create_token(database, "ann", Role.STUDENT))
    submit(service, ann, Place("demo", "hw4"), Upload((("loss.py", b"x = 1"),)))
    now = datetime.now(UTC)
    with database.writing() as session:
        lost = runs.claim(session, "elsewhere:1:a", now, now - timedelta(seconds=1))
    assert lost is not None
    sweep = leases.sweep
    troubles: list[str] = []

    def fail_once(session: Session, moment: datetime) -> int:
        if not troubles:
            troubles.append("an error that nobody foresaw")
            raise RuntimeError(troubles[0])
        return sweep(session, moment)

    def stands() -> RunStatus | None:
        with database.reading() as session:
            return runs.status(session, lost.run_id)

    monkeypatch.setattr(leases, "sweep", fail_once)

    pool = SlotPool(database, service.suites, service.board, 0)
    pool.start()
    try:
        wait_for(lambda: stands() is RunStatus.QUEUED, "the run that was lost is queued again")
    finally:
        pool.stop(30)

    assert troubles
