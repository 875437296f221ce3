"""The routes of what there is to hand in, and of who asks."""

from fastapi import APIRouter

from grader.web.access import SignedIn, SignedInRoute
from grader.web.models import (
    PROBLEM,
    AssignmentList,
    CourseList,
    CourseModel,
    MeModel,
    assignment_model,
)
from grader.workflow.service import list_assignments

router = APIRouter(
    prefix="/api/v1",
    route_class=SignedInRoute,
    tags=["courses"],
    responses={401: PROBLEM},
)


@router.get("/courses")
def courses(access: SignedIn) -> CourseList:
    """List one's courses, and the names of their assignments."""
    names: dict[str, list[str]] = {}
    for assignment in list_assignments(access.service, access.identity):
        names.setdefault(assignment.course, []).append(assignment.name)
    items = [CourseModel(name=name, assignments=of) for name, of in names.items()]
    return CourseList(items=items, next=None)


@router.get("/assignments")
def assignments(access: SignedIn) -> AssignmentList:
    """List the assignments of one's courses."""
    found = list_assignments(access.service, access.identity)
    return AssignmentList(items=[assignment_model(each) for each in found], next=None)


@router.get("/me")
def me(access: SignedIn) -> MeModel:
    """Tell whom the token stands for."""
    caller = access.identity
    return MeModel(name=caller.name, role=caller.role, course=caller.course)
