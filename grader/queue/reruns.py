"""The end of a rerun: when its last run has ended, it is ready, or applied where asked for."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from grader.domain.audit import AuditEntry
from grader.domain.reruns import Mode, Only, Rerun, RerunState
from grader.storage import audit, rerun_rows, reruns
from grader.storage.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Act:
    """What somebody does to a rerun: who, when."""

    who: str
    at: datetime


def end_reruns(database: Database) -> None:
    """Let every rerun of which all runs have ended go on to what comes then.

    Asked after each run and by the sweep: whoever commits last sees that all have ended.
    """
    with database.reading() as session:
        ended = reruns.all_ended(session)
    for rerun_id in ended:
        with database.writing() as session:
            _end(session, rerun_id, datetime.now(UTC))


def apply(session: Session, rerun: Rerun, only: Only, act: Act) -> bool:
    """Move the scores that a rerun proposes to move, all in the caller's transaction.

    Return False, with nothing done, where it is neither ready nor at its end.
    """
    reruns.lock(session, rerun.id)
    sources = (RerunState.READY, RerunState.RUNNING)
    if not reruns.move(session, rerun.id, sources, RerunState.APPLIED):
        return False
    outcomes = {row.after.run_id: row.to_do(only) for row in rerun_rows.rows(session, rerun.id)}
    rerun_rows.settle(session, rerun.id, outcomes)
    reruns.note_end(session, rerun.id, act.at, only)
    counts = Counter(outcome.value for outcome in outcomes.values())
    record(session, rerun, act, "apply", {"only": only.value, **counts})
    return True


def record(
    session: Session, rerun: Rerun, act: Act, action: str, details: dict[str, int | str | None]
) -> None:
    """Keep in the record what was done to a rerun."""
    entry = AuditEntry(act.at, act.who, rerun.course, f"rerun.{action}", subject_of(rerun), details)
    audit.record(session, entry)


def subject_of(rerun: Rerun) -> str:
    """Return what the record calls a rerun."""
    return f"rerun {rerun.id} of {rerun.assignment}"


def _end(session: Session, rerun_id: int, now: datetime) -> None:
    rerun = reruns.read(session, rerun_id, now)
    if rerun is None:
        return
    if rerun.wanted.mode is Mode.APPLY:
        ended = apply(session, rerun, Only.ALL, Act(rerun.started_by, now))
    else:
        ended = reruns.move(session, rerun_id, (RerunState.RUNNING,), RerunState.READY)
        if ended:
            reruns.note_end(session, rerun_id, now)
    if ended:
        log.info("rerun ended", extra={"rerun": rerun_id, "failed": rerun.progress.failed})
