"""What to fix first."""

from grader.domain.advice import mistakes
from grader.domain.verdicts import CaseResult, Verdict
from tests.factories import HW4_FILES, a_case


def _lost(name: str, file: str, message: str, verdict: Verdict) -> CaseResult:
    return a_case(name=name, file=file, points=0.0, verdict=verdict, message=message)


def test_nothing_lost_is_nothing_to_fix() -> None:
    assert mistakes([a_case()], HW4_FILES) == ()


def test_file_that_does_not_run_goes_before_wrong_answers() -> None:
    wrong = _lost("Forward", "loss.py", "the sign is turned", Verdict.WRONG_ANSWER)
    broken = [
        _lost(name, "solver.py", "SyntaxError", Verdict.RUNTIME_ERROR) for name in ("Step", "Train")
    ]

    first, second = mistakes([wrong, *broken], HW4_FILES)

    assert (first.file, first.whole_file, first.points) == ("solver.py", True, 20.0)
    assert [case.name for case in first.cases] == ["Step", "Train"]
    assert (second.file, second.whole_file) == ("loss.py", False)


def test_files_are_mended_in_the_order_of_the_assignment() -> None:
    cases = [
        _lost("Forward", "classifier.py", "no sigmoid", Verdict.WRONG_ANSWER),
        _lost("Loss", "loss.py", "the mean", Verdict.WRONG_ANSWER),
    ]

    assert [mistake.file for mistake in mistakes(cases, HW4_FILES)] == ["loss.py", "classifier.py"]


def test_cases_of_a_file_are_mended_in_the_order_of_the_suite() -> None:
    cases = [
        _lost("Forward", "loss.py", "the mean", Verdict.WRONG_ANSWER),
        _lost("Backward", "loss.py", "TypeError", Verdict.RUNTIME_ERROR),
    ]

    assert [mistake.message for mistake in mistakes(cases, HW4_FILES)] == ["the mean", "TypeError"]


def test_missing_file_is_the_last_thing_to_do() -> None:
    cases = [
        _lost("Loss", "loss.py", "loss.py is missing", Verdict.SKIPPED),
        _lost("Step", "solver.py", "the update is made twice", Verdict.WRONG_ANSWER),
    ]

    first, last = mistakes(cases, HW4_FILES)

    assert (first.file, last.file, last.missing) == ("solver.py", "loss.py", True)


def test_partial_points_leave_the_rest_to_win() -> None:
    partial = a_case(points=4.0, verdict=Verdict.ACCEPTED, message="the second half is missing")

    assert mistakes([partial], HW4_FILES)[0].points == 6.0
