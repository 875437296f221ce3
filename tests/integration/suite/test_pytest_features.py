"""What pytest gives the author of a suite holds under a host, too, which leaves its reports out."""

from pathlib import Path

import pytest

from grader.domain.runs import SuiteFolder
from grader.domain.verdicts import Verdict
from grader.errors import SuiteFailure
from tests.assignments import write_assignment
from tests.conftest import Grade
from tests.results import verdicts_of

CONFTEST = """
import pytest

torn_down = []


@pytest.fixture
def four(submission):
    yield submission.answer.answer(2.0)
    torn_down.append("four")


@pytest.fixture(scope="module")
def once():
    return []


@pytest.fixture(autouse=True)
def around(request):
    request.node.user_properties.append("around")


def pytest_runtest_setup(item):
    item.user_properties.append("hook")
"""
SUITE = """
import pytest

from conftest import torn_down


@pytest.mark.case("Before", points=1, file="answer.py")
def test_before(four, check, once, request):
    once.append(1)
    check.that(request.node.user_properties[-2:] == ["hook", "around"], "neither hook nor autouse")
    check.close(four, 4.0)


@pytest.mark.case("Behind", points=1, file="answer.py")
def test_behind(submission, check, once):
    once.append(1)
    check.that(torn_down, "the fixture of the case before was not torn down")
    check.that(len(once) % 2 == 0, "the fixture of the module was made anew")


@pytest.fixture
def rng():
    return "of the suite's own"


@pytest.mark.case("Own", points=1, file="answer.py")
def test_own(submission, rng, check):
    check.that(rng == "of the suite's own", "the plugin's rng")


class TestGroup:
    @pytest.fixture(autouse=True)
    def prepare(self, rng, submission):
        self.given = submission

    @pytest.mark.case("Same", points=1, file="answer.py")
    def test_same(self, submission, report, check):
        check.that(self.given is submission, "two submissions in one case")
        report.note("seen")


@pytest.mark.xfail(strict=True)
@pytest.mark.case("Expected", points=1, file="answer.py")
def test_expected(submission, check):
    check.close(submission.answer.answer(1.0), 2.0)
"""
HEAD = "import pytest\n\n"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> SuiteFolder:
    """Give a suite with fixtures and hooks of its own."""
    folder = tmp_path_factory.mktemp("assignments") / "fixtures"
    return write_assignment(folder, SUITE, {"suite/conftest.py": CONFTEST})


def test_fixtures_and_hooks_of_a_suite_work_in_every_run(grade: Grade, suite: SuiteFolder) -> None:
    results = [grade(suite=suite) for _ in range(2)]

    names = ("Before", "Behind", "Own", "Same", "Expected")
    assert [verdicts_of(result) for result in results] == [
        dict.fromkeys(names, Verdict.ACCEPTED)
    ] * 2
    assert results[0].notes == ("seen",)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        pytest.param(
            "@pytest.fixture\ndef bad(): 1 / 0\n\n\n"
            "@pytest.mark.case('A', points=1, file='answer.py')\ndef test_a(submission, bad): pass",
            "A: .*ZeroDivisionError",
            id="a fixture that raises",
        ),
        pytest.param(
            "@pytest.fixture\ndef bad():\n    yield\n    1 / 0\n\n\n"
            "@pytest.mark.case('A', points=1, file='answer.py')\ndef test_a(submission, bad): pass",
            "A: .*ZeroDivisionError",
            id="a fixture that raises at its end",
        ),
        pytest.param(
            "def setup_module(): raise OSError('no data')\n\n\n"
            "@pytest.mark.case('A', points=1, file='answer.py')\ndef test_a(submission): pass",
            "A: .*no data",
            id="a module that cannot be set up",
        ),
        pytest.param(
            "@pytest.mark.skip(reason='later')\n"
            "@pytest.mark.case('A', points=1, file='answer.py')\ndef test_a(submission): pass",
            "A: the case was skipped",
            id="a mark that skips",
        ),
        pytest.param(
            "@pytest.mark.xfail(run=False)\n"
            "@pytest.mark.case('A', points=1, file='answer.py')\ndef test_a(submission): pass",
            "A: .*NOTRUN",
            id="a mark that keeps it from running",
        ),
        pytest.param(
            "@pytest.mark.case('A', points=1, file='answer.py')\n"
            "def test_a(submission): pytest.exit('enough')",
            "A: .*enough",
            id="an end of everything",
        ),
        pytest.param(
            "@pytest.mark.case('A', points=1, file='answer.py')\ndef test_a(): pass",
            "A: the case was skipped",
            id="a case that asks for nothing",
        ),
    ],
)
def test_suite_that_fails_around_a_case_is_our_failure(
    grade: Grade, tmp_path: Path, test: str, words: str
) -> None:
    folder = write_assignment(tmp_path / "failing", HEAD + test + "\n")

    with pytest.raises(SuiteFailure, match=f"(?s){words}"):
        grade(suite=folder)


def test_who_loses_a_case_is_told_what_it_asks(grade: Grade, tmp_path: Path) -> None:
    suite = HEAD + "\n".join(
        f'''
@pytest.mark.case("{name}", points=1, file="answer.py"{marker})
def test_{name.lower()}(submission, check):
    """Twice the number,
    to the digit.

    Not for students.
    """
    check.close(submission.answer.answer(2.0), {expected})
'''
        for name, marker, expected in (
            ("Lost", "", 5.0),
            ("Hinted", ", hint='see 3.2'", 5.0),
            ("Won", "", 4.0),
        )
    )
    folder = write_assignment(tmp_path / "documented", suite)

    result = grade(suite=folder)

    assert {case.name: case.hint for case in result.cases} == {
        "Lost": "Twice the number, to the digit.",
        "Hinted": "see 3.2",
        "Won": "",
    }
