"""The pages for who is signed in."""

from fastapi import APIRouter

from grader.web.pages import assignments, files, gradebook, home, roster, students, submissions

router = APIRouter()
for each in (home, assignments, submissions, files, students, gradebook, roster):
    router.include_router(each.router)
