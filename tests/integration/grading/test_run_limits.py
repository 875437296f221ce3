"""What a submission may use: a limit costs the case that ran into it, and no other."""

import pytest

from grader.domain.verdicts import Verdict
from tests.assignments import write_assignment
from tests.conftest import Grade
from tests.results import case_of, verdicts_of

# `answer(2.0)` is the first case's call: it does the harm, and the second case is right.
HARM_FIRST = "def answer(x):\n    if x == 2.0:\n        harm()\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("harm", "verdict", "words"),
    [
        pytest.param("while True: pass", Verdict.TIME_LIMIT, "endless loop", id="endless loop"),
        pytest.param(
            "while True:\n        try:\n            while True: pass\n"
            "        except BaseException: pass",
            Verdict.TIME_LIMIT,
            "endless loop",
            id="loop that catches all",
        ),
        pytest.param("10 ** 10 ** 9", Verdict.TIME_LIMIT, "endless loop", id="loop inside C"),
        pytest.param("import time; time.sleep(99)", Verdict.TIME_LIMIT, "waited", id="sleeper"),
        pytest.param(
            "bytearray(400 << 20)", Verdict.MEMORY_LIMIT, "memory", id="memory in one piece"
        ),
        pytest.param(
            "kept = []\n    while True: kept.append(bytearray(1 << 16))",
            Verdict.MEMORY_LIMIT,
            "memory",
            id="memory in small pieces",
        ),
        pytest.param(
            "import os; os._exit(0)", Verdict.RUNTIME_ERROR, "os._exit", id="ends the process"
        ),
        pytest.param(
            "import ctypes; ctypes.string_at(0)", Verdict.RUNTIME_ERROR, "crashed", id="crash"
        ),
        pytest.param(
            "import os; os.close(3)", Verdict.RUNTIME_ERROR, "answer", id="closes its stream"
        ),
        pytest.param("raise KeyboardInterrupt", Verdict.RUNTIME_ERROR, "Keyboard", id="interrupt"),
        pytest.param("raise SystemExit(0)", Verdict.RUNTIME_ERROR, "SystemExit", id="exit"),
        pytest.param("harm()", Verdict.RUNTIME_ERROR, "RecursionError", id="recursion"),
    ],
)
def test_harm_costs_its_own_case_only(
    grade: Grade, harm: str, verdict: Verdict, words: str
) -> None:
    result = grade(f"{HARM_FIRST}\n\ndef harm():\n    {harm}\n")

    assert verdicts_of(result) == {
        "First": verdict,
        "Second": Verdict.ACCEPTED,
        "Helper": Verdict.SKIPPED,
    }
    assert words in case_of(result, "First").message
    assert result.score.points == 40.0


def test_endless_loop_costs_about_its_limit(grade: Grade) -> None:
    result = grade("def answer(x):\n    while True: pass\n", cases=("First",))

    seconds = case_of(result, "First").seconds
    assert 0.5 <= seconds < 0.75
    assert result.seconds < 4 * 0.5 + 1  # the wall clock's backstop, had the CPU's not come first


def test_sleeper_is_charged_no_cpu_seconds(grade: Grade) -> None:
    result = grade("import time\n\ndef answer(x):\n    time.sleep(99)\n", cases=("First",))

    assert case_of(result, "First").seconds < 0.25


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("np.zeros(3_000_000)", id="array"),
        pytest.param("[0.0] * 3_000_000", id="list of numbers"),
        pytest.param("[[]] * 10_001", id="list of lists"),
        pytest.param("'x' * (17 << 20)", id="text"),
        pytest.param("['x' * 20] * 9_999", id="list of texts"),
    ],
)
def test_giant_answer_is_an_output_limit(grade: Grade, answer: str) -> None:
    result = grade(f"import numpy as np\n\ndef answer(x):\n    return {answer}\n", cases=("First",))

    assert verdicts_of(result) == {"First": Verdict.OUTPUT_LIMIT}


def test_output_is_cut_at_its_limit_and_costs_nothing(grade: Grade) -> None:
    result = grade(
        "def answer(x):\n    for _ in range(300):\n        print('y' * 99)\n    return 2 * x\n",
        cases=("First",),
    )

    first = case_of(result, "First")
    assert first.verdict is Verdict.ACCEPTED
    assert first.output.endswith("more was printed than is kept)")
    assert 4000 < len(first.output) < 4200


def test_output_without_end_is_dropped_where_it_is_printed(grade: Grade) -> None:
    result = grade(
        "def answer(x):\n    for _ in range(40):\n        print('y' * 999_999)\n    return 2 * x\n",
        cases=("First",),
    )

    first = case_of(result, "First")
    assert first.verdict is Verdict.ACCEPTED
    assert first.output.endswith("more was printed than is kept)")


def test_output_within_the_limit_is_kept_whole(grade: Grade) -> None:
    result = grade(
        "import sys\nprint('at import')\n\n\ndef answer(x):\n"
        "    print('called')\n    print('warned', file=sys.stderr)\n    return 2 * x\n"
    )

    assert sorted(case_of(result, "First").output.splitlines()) == ["at import", "called", "warned"]
    assert sorted(case_of(result, "Second").output.splitlines()) == ["called", "warned"]


@pytest.mark.parametrize(
    "harm",
    ["sys.stdout.close()", "sys.stdout = None", "sys.stdout.detach()", "sys.stderr = 5"],
)
def test_stream_that_is_broken_costs_nothing(grade: Grade, harm: str) -> None:
    result = grade(f"import sys\n\ndef answer(x):\n    {harm}\n    return 2 * x\n")

    assert result.score.points == 80.0


def test_cpu_of_the_whole_run_is_limited(
    grade: Grade, tmp_path_factory: pytest.TempPathFactory
) -> None:
    suite = write_assignment(
        tmp_path_factory.mktemp("brief"), run_seconds=0.4, case_seconds=0.3, import_seconds=0.3
    )

    result = grade("def answer(x):\n    while True: pass\n", suite=suite)

    second = case_of(result, "Second")
    assert second.verdict is Verdict.TIME_LIMIT
    assert second.seconds < 0.2


def test_run_that_used_up_its_cpu_says_so_in_the_cases_that_are_left(
    grade: Grade, tmp_path_factory: pytest.TempPathFactory
) -> None:
    suite = write_assignment(
        tmp_path_factory.mktemp("brief"), run_seconds=0.2, case_seconds=0.3, import_seconds=0.3
    )

    result = grade("def answer(x):\n    while True: pass\n", "x = 1\n", suite=suite)

    assert "of the whole run were used up" in case_of(result, "Helper").message


LAZY = """
import time


def answer(x):
    while True:
        began = time.process_time()
        while time.process_time() - began < 0.004: pass
        time.sleep(0.03)
"""


def test_child_that_works_as_slowly_as_on_a_crowded_machine_is_held_to_the_run_s_wall_clock(
    grade: Grade, tmp_path_factory: pytest.TempPathFactory
) -> None:
    suite = write_assignment(tmp_path_factory.mktemp("brief"), run_seconds=0.5)

    result = grade(LAZY, suite=suite)

    assert set(verdicts_of(result).values()) == {Verdict.TIME_LIMIT, Verdict.SKIPPED}
    assert result.seconds < 1.75 * 4 * 0.5
