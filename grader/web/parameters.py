"""What routes of the API and pages take alike from a request."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Path, UploadFile

from grader.domain.zips import MAX_ZIP_BYTES
from grader.errors import NotFound
from grader.workflow.service import Place
from grader.workflow.submissions import NO_SUBMISSION

LARGEST_ID = 2**31 - 1  # what the tables' integers hold; PostgreSQL refuses more

Name = Annotated[str, Path(max_length=100)]


def read_parts(files: Iterable[UploadFile]) -> list[tuple[str, bytes]]:
    """Return the names of uploaded files with their bytes, which are kept nowhere else then."""
    # One byte more than may be taken shows that there is more.
    return [(file.filename or "", _all_of(file)) for file in files]


def _all_of(file: UploadFile) -> bytes:
    with file.file as content:
        return content.read(MAX_ZIP_BYTES + 1)


# Coroutines, as the framework takes a thread for each plain function, which costs more than these.
async def _submission_id(submission: Name) -> int:
    # What cannot be an id is an unknown one.
    if submission.isascii() and submission.isdigit() and int(submission) <= LARGEST_ID:
        return int(submission)
    raise NotFound(NO_SUBMISSION)


async def _place(course: Name, assignment: Name) -> Place:
    return Place(course, assignment)


SubmissionId = Annotated[int, Depends(_submission_id)]
ThePlace = Annotated[Place, Depends(_place)]
