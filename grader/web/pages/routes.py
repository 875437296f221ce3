"""The pages that a student opens."""

from fastapi import APIRouter

from grader.web.pages import assignments, files, home, submissions

router = APIRouter()
for each in (home, assignments, submissions, files):
    router.include_router(each.router)
