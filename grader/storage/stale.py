"""What is stale: by another suite version than the one that is released now."""

from sqlalchemy import ColumnElement, String, and_, cast, or_, select

from grader.storage.tables import CaseResultRow, RunRow


def is_stale(suite_version: str) -> ColumnElement[bool]:
    """Say in SQL whether a run, or a case of it, is by another suite version."""
    others = (
        select(CaseResultRow.run_id)
        .where(CaseResultRow.run_id == RunRow.id, CaseResultRow.suite_version != suite_version)
        .exists()
    )
    # Only a run of some cases has results that another judged: of the rest none need be looked up.
    some_cases = cast(RunRow.asked_cases, String) != "[]"
    return or_(RunRow.suite_version != suite_version, and_(some_cases, others))
