"""Gradescope's results.json."""

import json

from grader.domain.verdicts import Verdict, Visibility
from grader.grading.formats.gradescope import results_json
from grader.grading.formats.report import report_of
from tests.factories import a_case, a_result


def test_results_have_the_members_that_gradescope_reads_and_no_others() -> None:
    results = json.loads(results_json(report_of("ann", a_result())))

    assert set(results) == {
        "score",
        "execution_time",
        "output",
        "output_format",
        "test_output_format",
        "visibility",
        "stdout_visibility",
        "extra_data",
        "tests",
    }
    assert set(results["tests"][0]) == {
        "score",
        "max_score",
        "status",
        "name",
        "number",
        "output",
        "output_format",
        "tags",
        "visibility",
        "extra_data",
    }


def test_results_tell_points_and_messages() -> None:
    wrong = a_case(
        name="Wrong",
        points=0.0,
        verdict=Verdict.WRONG_ANSWER,
        message="None was returned",
        output="\x1b[2J",
        visibility=Visibility.AFTER_DUE_DATE,
    )

    results = json.loads(results_json(report_of("ann", a_result(a_case(), wrong, notes=("n",)))))

    assert results["score"] == 10
    assert results["output"].splitlines() == [
        "BCEForwardTest passed.",
        "Tests passed: 1/1",
        "Score: 10/10",
        "n",
    ]  # shown to everyone: nothing of a case that is not visible yet
    assert [test["status"] for test in results["tests"]] == ["passed", "failed"]
    assert results["tests"][1]["output"] == "None was returned\n␛[2J"
    assert results["tests"][1]["visibility"] == "after_due_date"
