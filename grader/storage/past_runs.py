"""All runs of a submission: the one that speaks for it, those before it and those proposed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.domain.submissions import PastRun, Run
from grader.storage import runs
from grader.storage.tables import RunRow


def of_submission(
    session: Session, submission_id: int, speaks_for_it: Run, most: int
) -> list[PastRun]:
    """Return the last runs of a submission, newest first, without outputs and series.

    The one that speaks for it, which the caller has, is always among them.
    """
    of_it = RunRow.submission_id == submission_id
    last = select(RunRow.id).where(of_it).order_by(RunRow.number.desc()).limit(most)
    rows = session.execute(
        select(RunRow.id, RunRow.queued_at, RunRow.finished_at)
        .where(of_it, RunRow.id.in_(last) | (RunRow.id == speaks_for_it.id))
        .order_by(RunRow.number.desc())
    ).all()
    found = {speaks_for_it.id: speaks_for_it}
    if others := [row.id for row in rows if row.id not in found]:
        found |= runs.read(session, others, in_full=False)
    return [
        PastRun(found[run_id], queued_at, finished_at, run_id == speaks_for_it.id)
        for run_id, queued_at, finished_at in rows
    ]
