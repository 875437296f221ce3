"""The route of the record of who changed what."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from grader.web.access import SignedIn, SignedInRoute
from grader.web.models import PROBLEM
from grader.web.parameters import LARGEST_ID
from grader.web.rerun_models import AuditList, AuditModel
from grader.workflow.audit import list_audit

_READS: dict[int | str, dict[str, Any]] = dict.fromkeys((401, 404, 422), PROBLEM)

router = APIRouter(prefix="/api/v1", route_class=SignedInRoute, tags=["audit"])


@router.get("/audit", responses=_READS)
def index(
    access: SignedIn,
    course: Annotated[str, Query(max_length=100)],
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> AuditList:
    """List what staff of a course did to scores and people, the newest first; for staff."""
    found = list_audit(access.service, access.identity, course, cursor, limit + 1)
    shown = found[:limit]
    items = [
        AuditModel(
            id=number,
            at=entry.at,
            who=entry.who,
            course=entry.course,
            action=entry.action,
            subject=entry.subject,
            details=dict(entry.details),
        )
        for number, entry in shown
    ]
    more = str(items[-1].id) if len(found) > len(shown) else None
    return AuditList(items=items, next=more)
