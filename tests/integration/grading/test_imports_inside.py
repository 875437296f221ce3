"""How a submission's files are imported: once, from memory, and each blamed for itself."""

import pytest

from grader.domain.runs import SuiteFolder
from grader.domain.verdicts import Verdict
from tests.assignments import RIGHT, RIGHT_HELPER, write_assignment
from tests.conftest import Grade
from tests.results import case_of, verdicts_of

REPLACED = ("Replaced",)
REPLACING = """
import pytest
from grader.suite.stand_in import Outside


def work(state, x, y=0):
    return state["factor"] * x + y, {}


@pytest.mark.case("Alone", points=0, file="answer.py")
def test_alone(submission):
    submission.answer


@pytest.mark.case("Replaced", points=100, file="answer.py")
def test_replaced(submission, check):
    Tool = submission.stand_in("course.tools:Tool", {"work": Outside(work, reads=("factor",))})
    submission.replace("helper.py", Given=Tool)
    check.close(submission.answer.answer(2.0), 4.0)


@pytest.mark.case("Behind", points=0, file="answer.py")
def test_behind(submission):
    submission.stand_in("course.tools:Tool", {"work": Outside(work, reads=("factor",))})
    submission.answer
"""


@pytest.fixture(scope="module")
def replacing(tmp_path_factory: pytest.TempPathFactory) -> SuiteFolder:
    """Give an assignment whose case replaces `helper.py`."""
    return write_assignment(tmp_path_factory.mktemp("assignments") / "replacing", REPLACING)


def test_file_is_imported_once_for_cases_that_share_a_child(grade: Grade) -> None:
    result = grade(f"print('imported')\n{RIGHT}")

    assert case_of(result, "First").output == "imported\n"
    assert case_of(result, "Second").output == ""


def test_file_that_does_not_import_is_run_once_a_run(grade: Grade) -> None:
    result = grade("import time\n\nraise ValueError(time.time_ns())\n")

    first, second = case_of(result, "First"), case_of(result, "Second")
    assert first.verdict is Verdict.RUNTIME_ERROR
    assert "\n  answer.py, line 3\n" in first.message
    assert first.message == second.message


@pytest.mark.parametrize(
    ("source", "verdict", "words"),
    [
        pytest.param("def answer(x:\n", Verdict.RUNTIME_ERROR, "SyntaxError", id="syntax"),
        pytest.param("x = 1\n    y = 2\n", Verdict.RUNTIME_ERROR, "line 2", id="indentation"),
        pytest.param("\n\nimport torch\n", Verdict.RUNTIME_ERROR, "torch is not", id="module"),
        pytest.param(b"x = '\xff\xfe'\n", Verdict.RUNTIME_ERROR, "SyntaxError", id="no text"),
        pytest.param(b"x = 1\x00\n", Verdict.RUNTIME_ERROR, "Error", id="null byte"),
        pytest.param("exit()\n", Verdict.RUNTIME_ERROR, "", id="exit"),
        pytest.param("import os; os._exit(0)\n", Verdict.RUNTIME_ERROR, "importing", id="_exit"),
        pytest.param("while True: pass\n", Verdict.TIME_LIMIT, "importing", id="loop"),
        pytest.param("import time; time.sleep(9)\n", Verdict.TIME_LIMIT, "importing", id="sleep"),
        pytest.param("x = bytearray(1 << 30)\n", Verdict.MEMORY_LIMIT, "importing", id="memory"),
    ],
)
def test_file_that_does_not_import_loses_its_own_cases(
    grade: Grade, source: str | bytes, verdict: Verdict, words: str
) -> None:
    result = grade(source, RIGHT_HELPER)

    assert verdicts_of(result) == {
        "First": verdict,
        "Second": verdict,
        "Helper": Verdict.ACCEPTED,
    }
    assert words in case_of(result, "First").message


@pytest.mark.parametrize(
    ("line", "harm", "verdict"),
    [
        pytest.param("import helper", "while True: pass", Verdict.TIME_LIMIT, id="loops"),
        pytest.param(
            "from course.helper import *",
            "import time; time.sleep(9)",
            Verdict.TIME_LIMIT,
            id="sleeps",
        ),
        pytest.param(
            "import course.helper", "import os; os._exit(3)", Verdict.RUNTIME_ERROR, id="ends"
        ),
    ],
)
def test_sibling_that_takes_the_process_with_it_is_blamed_and_not_the_file(
    grade: Grade, line: str, harm: str, verdict: Verdict
) -> None:
    result = grade(f"{line}\n{RIGHT}", f"{harm}\n")

    assert verdicts_of(result) == {
        "First": Verdict.ACCEPTED,
        "Second": Verdict.ACCEPTED,
        "Helper": verdict,
    }
    assert any("helper.py was replaced" in note for note in result.notes)


@pytest.mark.parametrize("harm", ["1 / 0", "def (", "import torch", "raise SystemExit"])
def test_sibling_that_does_not_import_is_blamed_in_its_own_case_too(
    grade: Grade, harm: str
) -> None:
    result = grade(f"import helper\n{RIGHT}", f"{harm}\n")

    assert verdicts_of(result) == {
        "First": Verdict.ACCEPTED,
        "Second": Verdict.ACCEPTED,
        "Helper": Verdict.RUNTIME_ERROR,
    }
    assert "helper.py, line 1" in case_of(result, "Helper").message
    assert any("helper.py was replaced" in note for note in result.notes)


def test_files_that_import_each_other_are_each_judged_as_imported_first(grade: Grade) -> None:
    helper = "from answer import answer\n\n\ndef helper(x):\n    return answer(x) / 2\n"

    result = grade(f"import helper\n{RIGHT}", helper)

    assert result.score.points == 100.0


def test_what_a_file_prints_before_its_import_fails_is_shown(grade: Grade) -> None:
    result = grade("print('so far')\n1 / 0\n", cases=("First",))

    assert case_of(result, "First").output == "so far\n"


def test_missing_sibling_has_the_names_of_the_starter_s(grade: Grade) -> None:
    result = grade(
        "from helper import *\n\ndef answer(x):\n    helper(x)\n    return math.sqrt(4) * x\n",
        cases=("First",),
    )

    assert verdicts_of(result) == {"First": Verdict.ACCEPTED}
    assert result.notes == (
        "helper.py was replaced for the files that import it, because it is missing.",
    )


def test_replaced_module_has_the_starter_s_its_own_and_the_given_names(
    grade: Grade, replacing: SuiteFolder
) -> None:
    answer = (
        "from course.helper import Given, math, own\n\n"
        "def answer(x):\n    return Given(own).work(x, y=0 * math.pi)\n"
    )

    result = grade(answer, "own = 2\n", suite=replacing, cases=REPLACED)

    assert verdicts_of(result) == {"Replaced": Verdict.ACCEPTED}


@pytest.mark.parametrize(
    "helper", [pytest.param(None, id="missing"), pytest.param("1 / 0\n", id="broken")]
)
def test_replacement_stands_in_for_a_file_that_is_not_there(
    grade: Grade, replacing: SuiteFolder, helper: str | None
) -> None:
    answer = "from helper import Given\n\ndef answer(x):\n    return Given().work(x)\n"

    result = grade(answer, helper, suite=replacing, cases=REPLACED)

    assert verdicts_of(result) == {"Replaced": Verdict.ACCEPTED}


def test_replaced_module_is_in_place_for_its_case_only_though_others_share_the_child(
    grade: Grade, replacing: SuiteFolder
) -> None:
    answer = (
        "import builtins\nimport helper\nfrom course import helper as same\n\n"
        "builtins.times = getattr(builtins, 'times', 0) + 1\n"
        "print(builtins.times, helper is same, hasattr(helper, 'Given'))\n"
    )

    result = grade(answer + RIGHT, suite=replacing)

    assert {case.name: case.output for case in result.cases} == {
        "Alone": "1 True False\n",
        "Replaced": "2 True True\n",
        "Behind": "3 True False\n",
    }


def test_stub_is_noted_with_its_line(grade: Grade) -> None:
    result = grade(f"import math\nfrom tkinter import W\n{RIGHT}", cases=("First",))

    assert verdicts_of(result) == {"First": Verdict.ACCEPTED}
    assert result.notes == ("answer.py: line 2 imports tkinter, which is not needed here.",)


def test_flat_name_is_the_same_module_object(grade: Grade) -> None:
    answer = (
        "import helper\nimport course.helper\nfrom course import helper as third\n"
        "assert helper is course.helper is third\n"
    )

    result = grade(answer + RIGHT, RIGHT_HELPER)

    assert result.score.points == 100.0


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"\xef\xbb\xbf" + RIGHT.encode(), id="byte order mark"),
        pytest.param(RIGHT.replace("\n", "\r\n").encode(), id="carriage returns"),
        pytest.param(RIGHT.replace("\n", "\r").encode(), id="carriage returns alone"),
        pytest.param(RIGHT.rstrip().encode(), id="no newline at the end"),
        pytest.param(f"# -*- coding: gbk -*-\n# 中文\n{RIGHT}".encode("gbk"), id="cookie"),
        pytest.param(f"from __future__ import annotations\n{RIGHT}".encode(), id="future"),
    ],
)
def test_file_is_read_as_python_reads_it(grade: Grade, source: bytes) -> None:
    result = grade(source, cases=("First",))

    assert verdicts_of(result) == {"First": Verdict.ACCEPTED}


def test_traceback_names_the_line_of_the_student_s_that_was_reached_last(grade: Grade) -> None:
    source = (
        "import numpy as np\r\n\r\n\r\ndef inner(x):\r\n    return np.ones(2) @ np.ones(3)\r\n"
        "\r\n\r\ndef answer(x):\r\n    return inner(x)\r\n"
    )

    result = grade(source.encode(), cases=("First",))

    message = case_of(result, "First").message
    assert message.startswith("ValueError: matmul")
    assert message.endswith("\n  answer.py, line 5, in inner\n    return np.ones(2) @ np.ones(3)")


def test_line_of_a_sibling_is_named_as_the_sibling_s(grade: Grade) -> None:
    result = grade(
        "import helper\n\ndef answer(x):\n    return helper.helper(x)\n",
        "def helper(x):\n    return 1 / 0\n",
        cases=("First",),
    )

    assert "\n  helper.py, line 2, in helper\n    return 1 / 0" in case_of(result, "First").message


def test_traceback_that_a_student_prints_quotes_the_source(grade: Grade) -> None:
    source = (
        "import traceback\n\ndef answer(x):\n    try:\n        1 / 0  # my own\n"
        "    except ZeroDivisionError:\n        traceback.print_exc()\n    return 2 * x\n"
    )

    result = grade(source, cases=("First",))

    assert 'File "answer.py", line 5, in answer\n    1 / 0  # my own' in (
        case_of(result, "First").output
    )


def test_module_is_in_no_file(grade: Grade) -> None:
    source = (
        "import os, sys\n"
        "found = [path for path in sys.path if os.path.exists(path + '/answer.py')]\n"
        "print(os.path.exists(__file__), found)\n"
    )

    result = grade(source + RIGHT, cases=("First",))

    assert case_of(result, "First").output == "False []\n"


@pytest.mark.parametrize("module", ["numpy.linalg", "decimal", "csv", "statistics", "zlib"])
def test_standard_library_and_numpy_import_late(grade: Grade, module: str) -> None:
    result = grade(f"def answer(x):\n    import {module}\n    return 2 * x\n", cases=("First",))

    assert verdicts_of(result) == {"First": Verdict.ACCEPTED}


@pytest.mark.parametrize(
    "module", ["pytest", "grader.suite.check", "grader.domain.verdicts", "test_cases"]
)
def test_what_grades_does_not_import(grade: Grade, module: str) -> None:
    source = (
        "import importlib\ntry:\n"
        f"    got = importlib.import_module('{module}').__file__\n"
        "except ImportError:\n    got = None\nprint(got)\n"
    )

    result = grade(source + RIGHT, cases=("First",))

    assert case_of(result, "First").output == "None\n"


LATER = """
import pytest


@pytest.mark.case("Later", points=100, file="helper.py")
def test_later(submission, check):
    made = submission.helper.make()
    check.close(submission.answer.answer(made), 4.0)
"""


def test_object_whose_process_was_lost_is_never_taken_for_another_of_its_number(
    grade: Grade, tmp_path_factory: pytest.TempPathFactory
) -> None:
    helper = "class Made: pass\n\n\ndef make():\n    return Made()\n"
    # As helper.py is there already, this loop hangs in code of helper.py's.
    loop = "import sys\nwhile 'course.answer' in sys.modules: pass\n"
    answer = "import sys\nsys.modules.pop('course.helper')\nimport course.helper\n" + RIGHT
    suite = write_assignment(
        tmp_path_factory.mktemp("later"), LATER, {"solution/helper.py": helper}
    )

    result = grade(answer, loop + helper, suite=suite)

    later = case_of(result, "Later")
    assert later.verdict is Verdict.TIME_LIMIT
    assert "importing helper.py" in later.message
