"""The class of the demo course, as it is planned."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from grader.cli.demo_class import ClassPlan, deal, past_attempts, read_class
from grader.config import ROOT
from grader.domain.assignments import Assignment
from grader.storage.runs import SAMPLE, UPLOAD
from grader.workflow.people import check_name
from tests.factories import an_assignment

NAMES = (ROOT / "submissions" / "students.txt").read_text(encoding="utf-8").splitlines()
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def plan_of_hw4() -> ClassPlan:
    plan = read_class(ROOT / "submissions" / "hw4")
    assert plan is not None
    return plan


def by_student(assignment: Assignment) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for attempt in past_attempts(plan_of_hw4(), assignment, NAMES, "demo-student", NOW):
        found.setdefault(attempt.student, []).append(attempt.created_at)
    return found


def test_names_are_sixty_different_ones_that_can_sign_in() -> None:
    assert len(set(NAMES)) == len(NAMES) == 60
    for name in NAMES:
        assert name == name.strip()
        check_name(name)


def test_each_group_has_its_share_of_the_attempts() -> None:
    plan = plan_of_hw4()

    draw = random.Random(1)  # noqa: S311  # nothing to keep secret
    dealt = Counter(sample for taken in deal(plan, NAMES, draw).values() for sample in taken)

    for group in plan.groups:
        of_group = sum(dealt[sample] for sample in group.samples)
        assert of_group == pytest.approx(group.share * dealt.total() / 100, abs=1)


def test_shares_are_of_a_hundred() -> None:
    assert sum(group.share for group in plan_of_hw4().groups) == 100


def test_every_sample_of_the_class_is_there_and_expected() -> None:
    plan = plan_of_hw4()

    for sample in (*plan.demo_student, *(name for group in plan.groups for name in group.samples)):
        assert sample in plan.scores
        assert (plan.folder / sample / "loss.py").is_file()


def test_no_student_becomes_worse() -> None:
    plan = plan_of_hw4()

    draw = random.Random(1)  # noqa: S311  # nothing to keep secret
    for taken in deal(plan, NAMES, draw).values():
        assert all(plan.scores[a] <= plan.scores[b] for a, b in pairwise(taken))


def test_class_is_the_same_each_time() -> None:
    first, again = (
        past_attempts(plan_of_hw4(), an_assignment(), NAMES, "demo-student", NOW) for _ in range(2)
    )

    assert first == again


@pytest.mark.parametrize(
    "assignment",
    [
        pytest.param(an_assignment(), id="no dates"),
        pytest.param(an_assignment(opens=NOW - timedelta(days=3)), id="opened lately"),
        pytest.param(an_assignment(opens=NOW + timedelta(days=3)), id="not yet open"),
        pytest.param(an_assignment(due=NOW - timedelta(days=9)), id="was due"),
    ],
)
def test_class_handed_in_before_now_and_in_time(assignment: Assignment) -> None:
    found = by_student(assignment)
    demo_student = found.pop("demo-student")

    until = min(NOW, assignment.due or NOW)
    moments = [moment for of_one in found.values() for moment in of_one]
    assert all(until - timedelta(weeks=4) <= moment < until for moment in moments)
    if assignment.opens and assignment.opens < NOW:
        assert min(moments) >= assignment.opens
    assert all(of_one == sorted(set(of_one)) for of_one in (*found.values(), demo_student))


def test_demo_student_s_two_attempts_are_graded_before_the_class() -> None:
    attempts = past_attempts(plan_of_hw4(), an_assignment(), NAMES, "demo-student", NOW)

    assert [a.student for a in attempts if a.trigger == UPLOAD] == ["demo-student"] * 2
    assert {a.trigger for a in attempts if a.student in NAMES} == {SAMPLE}
