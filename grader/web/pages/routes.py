"""The pages for who is signed in."""

from fastapi import APIRouter

from grader.web.pages import assignments, files, gradebook, home, students, submissions

router = APIRouter()
for each in (home, assignments, submissions, files, students, gradebook):
    router.include_router(each.router)
