"""All runs of a submission: the one that speaks for it, those before it and those proposed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.domain.submissions import PastRun
from grader.storage import runs
from grader.storage.tables import RunRow, SubmissionRow


def of_submission(session: Session, submission_id: int, most: int) -> list[PastRun]:
    """Return the last runs of a submission, newest first, without outputs and series.

    The one that speaks for it is always among them.
    """
    of_it = RunRow.submission_id == submission_id
    current = select(SubmissionRow.current_run_id).where(SubmissionRow.id == submission_id)
    last = select(RunRow.id).where(of_it).order_by(RunRow.number.desc()).limit(most)
    rows = session.execute(
        select(RunRow.id, RunRow.queued_at, RunRow.finished_at, current.scalar_subquery())
        .where(of_it, RunRow.id.in_(last) | (RunRow.id == current.scalar_subquery()))
        .order_by(RunRow.number.desc())
    ).all()
    found = runs.read(session, [row[0] for row in rows], in_full=False)
    return [
        PastRun(found[run_id], queued_at, finished_at, run_id == speaks)
        for run_id, queued_at, finished_at, speaks in rows
    ]
