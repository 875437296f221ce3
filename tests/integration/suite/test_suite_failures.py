"""Suites that judge an answer behind the back of `check`, or fail: no score, and never a zero."""

from pathlib import Path

import pytest

from grader.domain.runs import SuiteFolder
from grader.domain.verdicts import Verdict
from grader.errors import SandboxFailure, SuiteFailure
from tests.assignments import RIGHT, write_assignment
from tests.conftest import Grade
from tests.results import case_of, verdicts_of

MISUSES = {
    "bool": "assert answer",
    "not": "assert not answer",
    "equal": "assert answer == 4.0",
    "unequal": "assert answer != 5.0",
    "less": "assert answer < 5.0",
    "len": "len(answer)",
    "iteration": "list(answer)",
    "index": "answer[0]",
    "asarray": "np.asarray(answer)",
    "sum": "np.sum(answer)",
    "float": "float(answer)",
    "arithmetic": "answer + 1",
    "hash": "{answer}",
    "formatting as a number": "f'{answer:.2f}'",
    "check of a string": "check.close('text', 4.0)",
    "check of an object": "check.close(object(), 4.0)",
    "nonsense expected": "check.close(answer, np.nan)",
    "nonsense tolerance": "check.close(answer, 4.0, rtol=-1)",
    "unknown file": "submission.replace('other.py')",
    "too late a replacement": "submission.replace('helper.py')",
    "unknown attribute": "submission.other",
    "set to hand inside": "submission.answer.answer({1, 2})",
    "own error": "1 / 0",
    "exit": "raise SystemExit(0)",
    "own skip": "pytest.skip('not today')",
    "too many points": "report.points(99)",
    "function that returns what cannot be sent": (
        "submission.answer.call(submission.function(lambda: object()))"
    ),
}
HEAD = "import numpy as np\nimport pytest\n\n"
CASE = """
@pytest.mark.case("{name}", points=1, file="answer.py")
def test_{index}(submission, check, report):
    answer = submission.answer.answer(2.0)
    {line}
"""
ANSWERS = RIGHT + "\n\ndef call(function):\n    return function()\n"


@pytest.fixture(scope="module")
def misusing(tmp_path_factory: pytest.TempPathFactory) -> SuiteFolder:
    """Give a suite with a case for each misuse."""
    cases = [
        CASE.format(name=name, index=index, line=line)
        for index, (name, line) in enumerate(MISUSES.items())
    ]
    folder = tmp_path_factory.mktemp("assignments") / "misusing"
    return write_assignment(folder, HEAD + "".join(cases), {"solution/answer.py": ANSWERS})


@pytest.mark.parametrize("name", MISUSES)
def test_mistake_of_a_suite_gives_no_score(grade: Grade, misusing: SuiteFolder, name: str) -> None:
    with pytest.raises(SuiteFailure, match=name):
        grade(ANSWERS, suite=misusing, cases=(name,))


STRANGE = {
    "equal to all": "class A:\n    def __eq__(self, other): return True\n    __hash__ = None\n",
    "an array by protocol": "class A:\n    def __array__(self, *a, **k): return np.array(4.0)\n",
    "an array that raises": "class A:\n    def __array__(self, *a, **k): 1 / 0\n",
    "a float": "class A(float): pass\nA.__new__ = lambda kind: float.__new__(kind, 4.0)\n",
    "a liar about its class": "class A:\n    __class__ = float\n",
    "without a name": "class A: pass\nA.__name__ = A.__qualname__ = ''\n",
    "a name that moves the cursor": "class A: pass\nA.__name__ = '\\x1b[31m\\u202e'\n",
    "raises on all": "class A:\n    def __getattribute__(self, name): 1 / 0\n",
    "exits on all": "class A:\n    def __getattribute__(self, name): raise SystemExit(0)\n",
    "a metaclass that bites": (
        "class M(type):\n    def __getattribute__(self, name): 1 / 0\n\n\n"
        "class A(metaclass=M): pass\n"
    ),
    "an answer of ours": "class Answer: pass\n\n\nA = Answer\n",
    "a number of numpy's": "A = lambda: np.array([object()])\n",
    "a generator": "A = lambda: (x for x in [4.0])\n",
    "a coroutine": "async def A(): return 4.0\n",
    "a class": "A = lambda: float\n",
    "a module": "A = lambda: np\n",
    "not implemented": "A = lambda: NotImplemented\n",
    "a list that holds itself": "def A():\n    x = []\n    x.append(x)\n    return x\n",
    "deep": "def A():\n    x = []\n    for _ in range(99999): x = [x]\n    return x\n",
    "a structured array": "A = lambda: np.zeros(1, [('a', 'f8')])\n",
    "dates": "A = lambda: np.array(['2026-01-01'], 'datetime64[D]')\n",
    "a dict of arrays": "A = lambda: {'a': np.ones(2), 1: {}}\n",
    "texts of very different length": "A = lambda: ['x' * 30000] + ['y'] * 9000\n",
    "ragged": "A = lambda: [[1], [1, 2]]\n",
    "empty": "A = lambda: []\n",
    "not a number": "A = lambda: float('nan')\n",
    "complex": "A = lambda: 4j\n",
    "a giant integer": "A = lambda: 1 << 99999\n",
    "32 dimensions": "A = lambda: np.ones((1,) * 32 + (2,))\n",
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_thing_that_a_student_returns_is_never_our_failure(grade: Grade, name: str) -> None:
    source = f"import numpy as np\n\n\n{STRANGE[name]}\n\ndef answer(x):\n    return A()\n"

    result = grade(source, cases=("First",))

    verdict = verdicts_of(result)["First"]
    assert verdict in (Verdict.WRONG_ANSWER, Verdict.RUNTIME_ERROR, Verdict.OUTPUT_LIMIT)
    assert result.score.points == 0.0
    message = case_of(result, "First").message
    assert "\x1b" not in message
    assert "\u202e" not in message


@pytest.mark.parametrize("name", STRANGE)
def test_strange_thing_that_a_student_raises_is_never_our_failure(grade: Grade, name: str) -> None:
    source = (
        f"import numpy as np\n\n\n{STRANGE[name]}\n\nclass E(Exception):\n"
        "    def __str__(self): return A()\n    name = property(lambda self: A())\n\n\n"
        "def answer(x):\n    raise E()\n"
    )

    result = grade(source, cases=("First",))

    assert verdicts_of(result) == {"First": Verdict.RUNTIME_ERROR}


@pytest.mark.parametrize(
    ("suite", "words"),
    [
        pytest.param("def (", "SyntaxError", id="no Python"),
        pytest.param("import nothing_of_that_name\n", "nothing_of_that_name", id="import"),
        pytest.param("def test_it():\n    pass\n", "no case", id="no case"),
        pytest.param(
            HEAD + '@pytest.mark.case("A", file="answer.py")\ndef test_it(): pass\n',
            "points",
            id="no points",
        ),
        pytest.param(
            HEAD + '@pytest.mark.case("A", points=-1, file="answer.py")\ndef test_it(): pass\n',
            "points",
            id="points below 0",
        ),
        pytest.param(
            HEAD + '@pytest.mark.case("A", points="x", file="answer.py")\ndef test_it(): pass\n',
            "marker case",
            id="points that are none",
        ),
        pytest.param(
            HEAD
            + '@pytest.mark.case("A", points=1, file="a.py", visibility="x")\ndef test_i(): pass\n',
            "visibility|Visibility",
            id="unknown visibility",
        ),
        pytest.param(
            HEAD + '@pytest.mark.case("A", points=1, file="a.py", odd=1)\ndef test_it(): pass\n',
            "odd",
            id="unknown word",
        ),
    ],
)
def test_suite_that_cannot_be_collected_says_why(
    grade: Grade, tmp_path: Path, suite: str, words: str
) -> None:
    folder = write_assignment(tmp_path / "broken", suite)

    with pytest.raises(SuiteFailure, match=words):
        grade(suite=folder)


def test_suite_that_fails_on_the_solution_still_says_why(grade: Grade, tmp_path: Path) -> None:
    cases = CASE.format(name="A", index=1, line="1 / 0") + CASE.format(name="B", index=2, line="")
    folder = write_assignment(tmp_path / "failing", HEAD + cases)

    with pytest.raises(SuiteFailure, match="ZeroDivisionError"):
        grade(suite=folder)


def test_suite_that_ends_its_judge_is_our_failure_and_harms_no_other_run(
    grade: Grade, tmp_path: Path
) -> None:
    head = f"import os\n{HEAD}HOST = os.getpid()\n"
    line = "if os.getpid() != HOST: os._exit(1)"
    folder = write_assignment(tmp_path / "ending", head + CASE.format(name="A", index=1, line=line))

    with pytest.raises(SandboxFailure):
        grade(suite=folder)

    assert grade().score.points == 80.0


def test_suite_with_one_case_grades_again_and_again(grade: Grade, tmp_path: Path) -> None:
    case = CASE.format(name="Only", index=1, line="check.close(answer, 4.0)")
    folder = write_assignment(tmp_path / "single", HEAD + case)

    results = [grade(suite=folder) for _ in range(3)]

    assert [verdicts_of(result) for result in results] == [{"Only": Verdict.ACCEPTED}] * 3


def test_what_a_suite_leaves_in_its_globals_is_gone_in_the_next_run(
    grade: Grade, tmp_path: Path
) -> None:
    line = "seen.append(1); check.that(len(seen) <= 2, f'seen {len(seen)} times')"
    folder = write_assignment(
        tmp_path / "leaking", HEAD + "seen = []\n" + CASE.format(name="A", index=1, line=line)
    )

    results = [grade(suite=folder) for _ in range(4)]

    assert len({str(verdicts_of(result)) for result in results}) == 1


@pytest.mark.parametrize(
    ("line", "points", "verdict", "message"),
    [
        pytest.param(
            "report.points(0.5); check.fail('no')", 0.5, Verdict.WRONG_ANSWER, "no", id="in part"
        ),
        pytest.param(
            "assert answer.array() == 5, 'my words'",
            0.0,
            Verdict.WRONG_ANSWER,
            "my words",
            id="assert",
        ),
        pytest.param("assert answer.array() == 4", 1.0, Verdict.ACCEPTED, "", id="right"),
    ],
)
def test_ways_to_judge_beside_close(
    grade: Grade, tmp_path: Path, line: str, points: float, verdict: Verdict, message: str
) -> None:
    folder = write_assignment(
        tmp_path / "judging", HEAD + CASE.format(name="A", index=1, line=line)
    )

    result = grade(suite=folder)

    case = case_of(result, "A")
    assert (case.points, case.verdict, case.message) == (points, verdict, message)


def test_what_attempt_calls_may_raise_but_not_end_the_process(grade: Grade, tmp_path: Path) -> None:
    cases = CASE.format(name="A", index=1, line="submission.attempt(submission.answer.bad, 0)")
    cases += CASE.format(name="B", index=2, line="submission.attempt(submission.answer.worse, 0)")
    folder = write_assignment(tmp_path / "attempting", HEAD + cases)
    source = f"{RIGHT}\n\ndef bad(x):\n    1 / x\n\n\ndef worse(x):\n    import os; os._exit(0)\n"

    result = grade(source, suite=folder)

    assert verdicts_of(result) == {"A": Verdict.ACCEPTED, "B": Verdict.RUNTIME_ERROR}
