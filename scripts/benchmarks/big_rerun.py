"""A rerun of a large class, made straight in the database: every twentieth loses a case by it."""

from datetime import UTC, datetime

from sqlalchemy import func, insert, select, update

from grader.domain.reruns import RerunState, Wanted
from grader.domain.runs import RunStatus
from grader.domain.verdicts import Verdict
from grader.storage import courses, rerun_start, reruns
from grader.storage.database import Database
from grader.storage.rerun_start import NewRerun
from grader.storage.tables import CaseResultRow, RerunRunRow, RunRow
from scripts.benchmarks.big_class import Place

_CASE, _EVERY = "BCEBackwardTest", 20


def propose(database: Database, place: Place) -> int:
    """Enter a rerun of all submissions that is to be decided, and return its id."""
    now = datetime.now(UTC)
    with database.writing() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        if stored is None:
            raise AssertionError(f"there is no {place}")
        chosen = rerun_start.candidates(session, stored.id, place.version)
        new = NewRerun(stored.id, Wanted(), place.version, "tutor", now)
        rerun = rerun_start.add(session, new, chosen)
        ours = select(RerunRunRow.run_id).where(RerunRunRow.rerun_id == rerun)
        others = [each for each in CaseResultRow.__table__.columns if each.name != "run_id"]
        copied = (
            select(RerunRunRow.run_id, *others)
            .join(RerunRunRow, RerunRunRow.replaces_id == CaseResultRow.run_id)
            .where(RerunRunRow.rerun_id == rerun)
        )
        names = ["run_id", *(each.name for each in others)]
        session.execute(insert(CaseResultRow).from_select(names, copied))
        session.execute(
            update(CaseResultRow)
            .where(CaseResultRow.run_id.in_(ours), CaseResultRow.name == _CASE)
            .where(CaseResultRow.run_id % _EVERY == 0)
            .values(points=0.0, verdict=Verdict.WRONG_ANSWER, message="another sign was expected")
        )
        earned = select(func.sum(CaseResultRow.points)).where(CaseResultRow.run_id == RunRow.id)
        session.execute(
            update(RunRow)
            .where(RunRow.id.in_(ours))
            .values(status=RunStatus.GRADED, points=earned.scalar_subquery(), max_points=100.0)
            .values(started_at=now, finished_at=now, seconds=0.07)
            .execution_options(synchronize_session=False)
        )
        reruns.move(session, rerun, [RerunState.RUNNING], RerunState.READY)
        reruns.note_end(session, rerun, now)
    return rerun
