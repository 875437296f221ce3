"""The rerun that the address of a page names."""

from typing import Annotated

from fastapi import Depends

from grader.domain.reruns import Rerun
from grader.errors import NotFound
from grader.web.pages.access import SignedInPage
from grader.web.parameters import ThePlace
from grader.web.reruns import RerunId
from grader.workflow.reruns import NO_RERUN, read_rerun


def _found(access: SignedInPage, place: ThePlace, rerun: RerunId) -> Rerun:
    found = read_rerun(access.service, access.identity, rerun)
    if (found.course, found.assignment) != (place.course, place.assignment):
        raise NotFound(NO_RERUN)
    return found


TheRerun = Annotated[Rerun, Depends(_found)]
