"""Counts of runs, for metrics."""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from grader.domain.runs import RunStatus
from grader.domain.traffic import SECONDS, Traffic
from grader.storage.tables import RunRow


def traffic(session: Session) -> Traffic:
    """Count all runs, in three queries."""
    statuses = session.execute(select(RunRow.status, func.count()).group_by(RunRow.status))
    counted = {RunStatus(status): count for status, count in statuses}
    oldest, tries, failures = session.execute(
        select(
            func.min(case((RunRow.status == RunStatus.QUEUED, RunRow.queued_at))),
            func.sum(RunRow.tries),
            func.sum(RunRow.failures),
        )
    ).one()
    within = [func.sum(case((RunRow.seconds <= bound, 1), else_=0)) for bound in SECONDS]
    graded = session.execute(
        select(func.count(), func.sum(RunRow.seconds), *within).where(
            RunRow.status == RunStatus.GRADED
        )
    ).one()
    return Traffic(
        by_status={status: counted.get(status, 0) for status in RunStatus},
        oldest_queued=oldest,
        tries=tries or 0,
        failures=failures or 0,
        within={bound: count or 0 for bound, count in zip(SECONDS, graded[2:], strict=True)},
        graded=graded[0],
        seconds=graded[1] or 0.0,
    )
