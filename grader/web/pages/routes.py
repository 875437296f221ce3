"""The pages for who is signed in."""

from fastapi import APIRouter

from grader.web.pages import (
    assignments,
    files,
    gradebook,
    home,
    roster,
    students,
    submissions,
    workers,
)

router = APIRouter()
for each in (home, assignments, submissions, files, students, gradebook, roster, workers):
    router.include_router(each.router)
