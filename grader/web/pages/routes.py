"""The pages for who is signed in."""

from fastapi import APIRouter

from grader.web.pages import (
    assignments,
    class_news,
    files,
    gradebook,
    home,
    rerun,
    reruns,
    roster,
    students,
    submissions,
    workers,
)

router = APIRouter()
_OF_STUDENTS = (home, assignments, submissions, files)
_OF_STAFF = (class_news, students, gradebook, reruns, rerun, roster, workers)
for each in (*_OF_STUDENTS, *_OF_STAFF):
    router.include_router(each.router)
