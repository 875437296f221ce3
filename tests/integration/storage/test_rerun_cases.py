"""Which cases of a rerun differ, however the suite was changed. On both databases."""

import pytest

from grader.storage import rerun_cases
from grader.storage.database import Database
from tests.releases import no_suites
from tests.reruns import Course, Suite

A, B, C = (60.0, "a"), (40.0, "b"), (0.0, "c")


@pytest.mark.parametrize(
    ("suite", "differ"),
    [
        pytest.param({"A": A, "B": B}, set(), id="the same"),
        pytest.param({"B": B, "A": A}, set(), id="in another order"),
        pytest.param({"A": A, "B": (40.0, "x")}, {("B", 40.0, 0.0)}, id="mended"),
        pytest.param({"B": (40.0, "x"), "A": A}, {("B", 40.0, 0.0)}, id="mended and moved"),
        pytest.param({"A": A, "B": B, "C": C}, {("C", None, 0.0)}, id="one added at the end"),
        pytest.param({"C": C, "A": A, "B": B}, {("C", None, 0.0)}, id="one added before"),
        pytest.param({"A": A}, {("B", 40.0, None)}, id="the last one dropped"),
        pytest.param({"B": B}, {("A", 60.0, None)}, id="the first one dropped"),
        pytest.param(
            {"A": A, "D": B}, {("D", None, 40.0), ("B", 40.0, None)}, id="one under another name"
        ),
        pytest.param(
            {"A": (50.0, "a"), "B": (50.0, "b")},
            {("A", 60.0, 50.0), ("B", 40.0, 50.0)},
            id="points moved",
        ),
    ],
)
def test_cases_that_differ_are_found(
    database: Database, suite: Suite, differ: set[tuple[str, float | None, float | None]]
) -> None:
    course = Course(no_suites(database))
    course.submit("ann", "a b")
    course.release(suite)
    rerun = course.rerun()
    course.work()

    with database.reading() as session:
        found = rerun_cases.differences(session, rerun.id)

    assert {(each.name, each.before, each.after) for each in found} == differ
    assert len(found) == len(differ)
