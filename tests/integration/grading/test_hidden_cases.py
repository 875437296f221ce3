"""What a visible case shows of the hidden ones beside it: nothing."""

from pathlib import Path

from grader.domain.verdicts import CaseResult, Verdict
from tests.assignments import RIGHT, write_assignment
from tests.conftest import Grade
from tests.results import case_of

BUDGETS = """
import pytest


@pytest.mark.case("Open", points=30, file="answer.py")
def test_open(submission, check):
    check.close(submission.answer.answer(2.0), 4.0)


@pytest.mark.case("Hidden", points=40, file="answer.py", visibility="hidden")
def test_hidden(submission, check):
    check.close(submission.answer.answer(137.0), 274.0)


@pytest.mark.case("Again", points=30, file="answer.py")
def test_again(submission, check):
    check.close(submission.answer.answer(3.0), 6.0)
"""
# Burns 0.6 of the run's second before the hidden case, as much in it as the file says, then all.
BURNING = """
import time


def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def answer(x):
    burn({{2.0: 0.6, 137.0: {hidden}, 3.0: 9.0}}[x])
    return 2 * x
"""
LOSSES = """
import pytest


@pytest.mark.case("Seen", points=30, file="helper.py")
def test_seen(submission, check):
    check.close(submission.helper.helper(5.0), 5.0)


@pytest.mark.case("Hidden", points=30, file="helper.py", visibility="hidden")
def test_hidden(submission, check):
    check.close(submission.helper.helper(-77.0), -77.0)


@pytest.mark.case("Open", points=20, file="answer.py", after=("helper.py",))
def test_open(submission, check, report):
    report.note("lost" if submission.lost("helper.py") else "kept")
    check.close(submission.answer.answer(2.0), 4.0)


@pytest.mark.case("Last", points=20, file="answer.py", after=("helper.py",), visibility="hidden")
def test_last(submission, check):
    assert submission.lost("helper.py"), "a hidden case knows of hidden losses"
    check.close(submission.answer.answer(2.0), 4.0)
"""


def test_time_used_in_a_hidden_case_is_not_missing_in_a_visible_one(
    tmp_path: Path, grade: Grade
) -> None:
    def again(hidden: float) -> CaseResult:
        folder = tmp_path / str(hidden)
        folder.mkdir()
        suite = write_assignment(folder, BUDGETS, run_seconds=1, case_seconds=0.8)
        return case_of(grade(BURNING.format(hidden=hidden), suite=suite), "Again")

    at_once, burnt = again(0.0), again(0.3)

    assert at_once.verdict is burnt.verdict is Verdict.TIME_LIMIT
    # 0.3 seconds less would be left, were they of one account.
    assert abs(at_once.seconds - burnt.seconds) < 0.15


def test_loss_of_a_hidden_case_is_known_to_hidden_cases_only(tmp_path: Path, grade: Grade) -> None:
    suite = write_assignment(tmp_path, LOSSES)

    result = grade(RIGHT, "def helper(x):\n    return abs(x)\n", suite=suite)

    assert case_of(result, "Seen").verdict is Verdict.ACCEPTED
    assert case_of(result, "Hidden").verdict is Verdict.WRONG_ANSWER
    assert case_of(result, "Open").notes == ("kept",)
    assert case_of(result, "Last").verdict is Verdict.ACCEPTED
