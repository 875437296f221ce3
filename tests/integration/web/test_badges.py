"""A badge says how a submission stands, and no more than its reader may know."""

from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from httpx import Client

from grader.domain.runs import RunStatus
from grader.domain.submissions import Run, Submission, SubmissionView
from grader.domain.verdicts import CaseResult
from grader.web.badges import badge
from tests.factories import a_case

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def _view(
    status: RunStatus, *cases: CaseResult, withheld: bool = False, name: str = "hw4"
) -> SubmissionView:
    run = Run(1, 1, "upload", status, "a", 7, 1, cases=cases)
    submission = Submission(1, "demo", name, "ann", 1, False, NOW, (), (), run)
    return SubmissionView(submission, 1, 80.0, False, withheld)


def _texts(svg: str) -> list[str | None]:
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own document
    return [text.text for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("view", "says"),
    [
        pytest.param(_view(RunStatus.QUEUED), "queued", id="queued"),
        pytest.param(_view(RunStatus.RUNNING), "running", id="running"),
        pytest.param(_view(RunStatus.FAILED), "not graded", id="failed"),
        pytest.param(_view(RunStatus.GRADED, a_case()), "10/10", id="graded"),
        pytest.param(
            _view(RunStatus.GRADED, a_case(), withheld=True), "10/10 so far", id="some are withheld"
        ),
    ],
)
def test_badge_says_how_it_stands(view: SubmissionView, says: str) -> None:
    assert _texts(badge(view)) == ["hw4", says]


def test_score_that_is_not_final_is_neither_green_nor_red() -> None:
    passed = badge(_view(RunStatus.GRADED, a_case(points=90.0, max_points=90.0)))
    failed = badge(_view(RunStatus.GRADED, a_case(points=0.0)))
    partly = badge(_view(RunStatus.GRADED, a_case(points=90.0, max_points=90.0), withheld=True))

    assert "#1a7f37" in passed
    assert "#b3261e" in failed
    assert "#1a7f37" not in partly
    assert "#b3261e" not in partly


def test_name_that_is_markup_stays_text() -> None:
    assert _texts(badge(_view(RunStatus.QUEUED, name='<a b="&">'))) == ['<a b="&">', "queued"]


def test_badge_is_its_owners(client_of: Callable[..., Client]) -> None:
    ann = client_of("ann")
    files = {"files": ("loss.py", b"x")}
    made = ann.post("/api/v1/courses/demo/assignments/hw4/submissions", files=files).json()
    route = f"/api/v1/submissions/{made['id']}/badge.svg"

    mine, anothers = ann.get(route), client_of("ben").get(route)

    assert mine.headers["Content-Type"] == "image/svg+xml"
    assert _texts(mine.text) == ["hw4", "queued"]
    assert anothers.status_code == 404
