"""What one case may leave to the next: nothing lent, and of a hidden case nothing at all."""

from pathlib import Path

import pytest

from grader.domain.runs import SuiteFolder
from grader.domain.verdicts import Verdict, Visibility
from tests.assignments import RIGHT, write_assignment
from tests.conftest import Grade
from tests.results import case_of, content_of, verdicts_of

LENDING = """
import pytest
from grader.suite.stand_in import Outside


def double(x):
    return 2 * x


def work(state, x, y=0):
    return state["factor"] * x + y, {"factor": state["factor"] + 1}


def judge_use(submission, check):
    Tool = submission.stand_in("course.tools:Tool", {"work": Outside(work, reads=("factor",))})
    tool = Tool(3)
    check.close(submission.answer.use(submission.function(double), tool), 10.0)
    check.close(tool.factor, 4)


@pytest.mark.case("Lent", points=20, file="answer.py")
def test_lent(submission, check):
    judge_use(submission, check)


@pytest.mark.case("Same", points=20, file="answer.py")
def test_same(submission, check):
    judge_use(submission, check)


@pytest.mark.case("Less", points=20, file="answer.py")
def test_less(submission, check):
    check.close(submission.answer.use(submission.function(double), None), 4.0)


@pytest.mark.case("Plain", points=10, file="answer.py")
def test_plain(submission, check):
    check.close(submission.answer.answer(2.0), 4.0)


@pytest.mark.case("Hidden", points=10, file="answer.py", visibility="hidden")
def test_hidden(submission, check):
    check.close(submission.answer.answer(3.0), 6.0)


@pytest.mark.case("Last", points=10, file="answer.py")
def test_last(submission, check):
    check.close(submission.answer.answer(2.0), 4.0)


@pytest.mark.case("Final", points=10, file="answer.py", after=("helper.py",))
def test_final(submission, check):
    check.close(submission.answer.answer(2.0), 4.0)
"""
WORK = "function(x=2.0) + (tool.work(2.0) if tool else 0.0)"
USE = f"def use(function, tool):\n    return {WORK}\n\n\n"
# What student code finds of ours in its own process, and calls functions outside by number with.
BY_NUMBER = """
import sys


def outside():
    frame = sys._getframe()
    while frame.f_code.co_name != "_attempt":
        frame = frame.f_back
    return frame.f_locals["self"]._outside


def try_all():
    for number in range(60):
        try:
            print("got", outside()(number, [], None, ((1.0,), {})))
        except Exception as error:
            print("not", error)


"""


@pytest.fixture(scope="module")
def lending(tmp_path_factory: pytest.TempPathFactory) -> SuiteFolder:
    """Give an assignment with cases that lend much, less and nothing."""
    folder = tmp_path_factory.mktemp("assignments") / "lending"
    return write_assignment(folder, LENDING, {"solution/answer.py": USE + RIGHT})


def test_stand_ins_answer_from_outside(grade: Grade, lending: SuiteFolder) -> None:
    result = grade(USE + RIGHT, suite=lending)

    assert result.score.points == 100.0


def test_stand_in_is_an_instance_of_the_scaffold_s_class(
    grade: Grade, lending: SuiteFolder
) -> None:
    checks = (
        "from course.tools import Tool\nimport copy\n\n\n"
        "def use(function, tool):\n"
        "    assert isinstance(tool, Tool) and tool.factor == 3\n"
        "    assert copy.deepcopy(tool).work(0.0, y=1) == 1\n"
        "    return function(2.0) + tool.work(x=2.0)\n\n\n"
    )

    result = grade(checks + RIGHT, suite=lending)

    assert verdicts_of(result)["Lent"] is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "argument", ["object()", "lambda: 1", "'text'", "None", "{}", "[[1], [1, 2]]"]
)
def test_odd_argument_to_a_stand_in_is_the_student_s_mistake(
    grade: Grade, lending: SuiteFolder, argument: str
) -> None:
    source = (
        f"def use(function, tool):\n    return function({argument}) + tool.work({argument})\n\n\n"
    )

    result = grade(source + RIGHT, suite=lending)

    assert verdicts_of(result)["Lent"] in (Verdict.RUNTIME_ERROR, Verdict.WRONG_ANSWER)
    assert verdicts_of(result)["Plain"] is Verdict.ACCEPTED


def test_child_that_was_lent_more_than_a_case_lends_does_not_serve_it(
    grade: Grade, lending: SuiteFolder
) -> None:
    result = grade(f"print('fresh')\n\n\n{USE}{RIGHT}", suite=lending)

    fresh = {case.name for case in result.cases if case.output == "fresh\n"}
    assert fresh == {"Plain", "Hidden", "Last", "Less", "Final"}  # the rest came after Last


def test_answers_of_a_stand_in_cannot_be_kept_for_a_case_that_lends_none(
    grade: Grade, lending: SuiteFolder
) -> None:
    source = (
        "kept = {}\n\n\ndef use(function, tool):\n    kept[2.0] = function(2.0)\n"
        f"    return {WORK}\n\n\ndef answer(x):\n    return kept[x]\n"
    )

    result = grade(source, suite=lending)

    assert verdicts_of(result)["Lent"] is Verdict.ACCEPTED
    assert verdicts_of(result)["Final"] is Verdict.RUNTIME_ERROR


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param("function", id="function"),
        pytest.param("tool.work", id="method of an instance"),
        pytest.param("type(tool)(3).work", id="method of a new instance"),
    ],
)
def test_stand_in_that_was_kept_is_revoked_when_its_case_ends(
    grade: Grade, lending: SuiteFolder, kept: str
) -> None:
    source = (
        "kept = []\n\n\ndef use(function, tool):\n    if kept:\n        return kept[0](2.0)\n"
        f"    kept.append({kept} if tool else 0)\n    return {WORK}\n\n\n"
    )

    result = grade(source + RIGHT, suite=lending)

    assert verdicts_of(result)["Lent"] is Verdict.ACCEPTED
    same = case_of(result, "Same")
    assert same.verdict is Verdict.RUNTIME_ERROR
    assert "lent for a case that has ended" in same.message


def test_by_number_only_the_functions_of_the_running_case_are_called(
    grade: Grade, lending: SuiteFolder
) -> None:
    source = (
        f"{BY_NUMBER}def use(function, tool):\n    try_all()\n    return {WORK}\n\n\n"
        "def answer(x):\n    try_all()\n    return 2 * x\n"
    )

    result = grade(source, suite=lending)

    for name, lent in {
        "Plain": 0,
        "Hidden": 0,
        "Lent": 1,
        "Same": 1,
        "Less": 1,
        "Final": 0,
    }.items():
        lines = case_of(result, name).output.splitlines()
        assert lines.count("got 2.0") == lent
        assert lines.count("not this was lent for a case that has ended") >= 60 - 2


def test_hidden_case_has_a_child_of_its_own(grade: Grade, lending: SuiteFolder) -> None:
    result = grade(f"print('fresh')\n\n\n{USE}{RIGHT}", suite=lending)

    names = ("Plain", "Hidden", "Last")
    assert [case_of(result, name).output for name in names] == ["fresh\n"] * 3
    assert case_of(result, "Hidden").visibility is Visibility.HIDDEN


def test_nothing_of_a_hidden_case_comes_to_light_in_a_later_one(
    grade: Grade, lending: SuiteFolder
) -> None:
    source = (
        "import builtins, random, numpy\n"
        "seen = builtins.__dict__.setdefault('seen', [])\n\n\n"
        f"{USE}def answer(x):\n    seen.append(x)\n    print(seen)\n    return 2 * x\n"
    )

    result = grade(source, suite=lending)

    assert case_of(result, "Hidden").output == "[3.0]\n"
    visible = [case for case in result.cases if case.name != "Hidden"]
    assert not any("3.0" in case.output + case.message for case in visible)
    assert not any("3.0" in note for note in result.notes)


@pytest.mark.parametrize("draw", ["random.random()", "np.random.rand()"])
def test_random_numbers_inside_follow_the_seed(grade: Grade, draw: str) -> None:
    source = (
        "import random\nimport numpy as np\n\n\n"
        f"def answer(x):\n    print({draw})\n    return 2 * x\n"
    )

    first, again, other = (grade(source, seed=seed) for seed in (1, 1, 2))

    assert content_of(first) == content_of(again)
    drawn = {case.output for result in (first, other) for case in result.cases if case.output}
    assert len(drawn) == 4


def test_drawn_inputs_follow_the_seed(grade: Grade, tmp_path: Path) -> None:
    case = """
@pytest.mark.case("{name}", points=50, file="answer.py")
def test_{name}(submission, check, rng):
    x = float(rng.uniform(1, 2))
    check.close(submission.answer.answer(x), 2 * x)
"""
    cases = "import pytest\n" + case.format(name="One") + case.format(name="Two")
    suite = write_assignment(tmp_path / "drawing", cases)
    source = "def answer(x):\n    print(x)\n    return 2 * x\n"

    first, again, other = (grade(source, suite=suite, seed=seed) for seed in (1, 1, 2))

    assert first.score.points == 100.0
    assert content_of(first) == content_of(again)
    assert case_of(first, "One").output != case_of(other, "One").output
    assert case_of(first, "One").output != case_of(first, "Two").output


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param("np.seterr(all='raise')", id="numpy's errors"),
        pytest.param("warnings.simplefilter('error')", id="warnings"),
        pytest.param("gc.disable()", id="collector"),
        pytest.param("sys.stdout = None", id="output"),
    ],
)
def test_setting_of_one_case_is_not_the_next_one_s(grade: Grade, harm: str) -> None:
    source = (
        "import gc, sys, warnings\nimport numpy as np\n\n\ndef answer(x):\n"
        f"    if x == 2.0:\n        {harm}\n        return 4.0\n"
        "    np.float64(1) / np.float64(0)\n    warnings.warn('mine')\n"
        "    print(gc.isenabled())\n    return 2 * x\n"
    )

    result = grade(source)

    assert result.score.points == 80.0
    second = case_of(result, "Second").output
    assert "True\n" in second
    assert "divide by zero" in second


def test_only_the_cases_asked_for_are_listed(grade: Grade) -> None:
    result = grade(cases=("Second",))

    assert verdicts_of(result) == {"Second": Verdict.ACCEPTED}
    assert result.score.max_points == 40.0
