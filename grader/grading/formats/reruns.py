"""A rerun and its changes as objects of plain data: what the API and the command line show."""

from typing import Any

from grader.domain.case_changes import CaseChange
from grader.domain.rerun_changes import Change, Row, RunScore, Totals
from grader.domain.reruns import Rerun
from grader.domain.text import printable
from grader.domain.verdicts import CaseResult

_TEXT_CHARACTERS = 4000


def rerun_object(rerun: Rerun, totals: Totals | None = None) -> dict[str, Any]:
    """Return a rerun, with what it changes in numbers where that is given."""
    wanted, progress = rerun.wanted, rerun.progress
    return {
        "id": rerun.id,
        "course": rerun.course,
        "assignment": rerun.assignment,
        "state": rerun.state,
        "mode": wanted.mode,
        "scope": wanted.scope,
        "student": wanted.student,
        "submissions": list(wanted.submissions),
        "cases": list(wanted.cases),
        "suite_version": rerun.suite_version,
        "started_by": rerun.started_by,
        "created_at": rerun.created_at,
        "ended_at": rerun.ended_at,
        "applied_only": rerun.applied_only,
        "progress": {
            "total": progress.total,
            "ended": progress.ended,
            "graded": progress.graded,
            "failed": progress.failed,
            "running": progress.running,
            "expected_seconds": progress.expected_seconds,
        },
        "totals": None if totals is None else vars(totals).copy(),
    }


def change_object(change: Change) -> dict[str, Any]:
    """Return a submission of a rerun, before and after."""
    row, counted = change.row, change.counted
    return {
        "submission": row.submission_id,
        "student": row.student,
        "attempt": row.attempt,
        "status": _status(row),
        "superseded": row.superseded,
        "outcome": row.outcome,
        "error": printable(row.after.error, _TEXT_CHARACTERS) if row.failed else None,
        "before": _run(row.before),
        "after": _run(row.after),
        "counted": {
            "before": counted.before,
            "after": counted.after,
            "crosses": counted.crosses,
        },
        "cases": [_case_change(case) for case in change.cases],
    }


def _status(row: Row) -> str:
    if row.failed:
        return "failed"
    if not row.graded:
        return row.after.status.value
    return "changed" if row.changed else "unchanged"


def _run(run: RunScore) -> dict[str, Any]:
    return {
        "run": run.number,
        "suite_version": run.suite_version,
        "score": run.score,
        "max_score": None if run.score is None else run.max_points,
    }


def _case_change(change: CaseChange) -> dict[str, Any]:
    return {"name": change.name, "before": _case(change.before), "after": _case(change.after)}


def _case(case: CaseResult | None) -> dict[str, Any] | None:
    if case is None:
        return None
    return {
        "verdict": case.verdict,
        "points": case.points,
        "max_points": case.max_points,
        "message": printable(case.message, _TEXT_CHARACTERS),
    }
