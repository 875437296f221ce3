"""What is sent to every child of an assignment, and the hash of what grades."""

import marshal
from pathlib import Path

import pytest

from grader.domain.runs import SuiteFolder
from grader.errors import AssignmentError, NotFound
from grader.suite.folder import load_suite, read_assignment
from grader.suite.plan import Plan, make_plan, readable_paths
from tests.assignments import handed_in, write_assignment


@pytest.fixture
def suite(tmp_path: Path) -> SuiteFolder:
    return write_assignment(tmp_path / "doubling")


def plan_of(suite: SuiteFolder) -> Plan:
    return make_plan(suite.assignment, suite.path)


def test_plan_holds_scaffold_and_starter_as_code(suite: SuiteFolder) -> None:
    plan = plan_of(suite)

    names: dict[str, object] = {}
    exec(marshal.loads(plan.scaffold["course.tools"]), names)  # noqa: S102, S302  (our own)
    assert "Tool" in names
    assert set(plan.starter) == {"answer.py", "helper.py"}


def test_packages_are_those_of_the_scaffold_and_above_the_files(suite: SuiteFolder) -> None:
    assert plan_of(suite).packages == ("course",)


def test_no_child_is_sent_a_suite_or_a_solution(suite: SuiteFolder) -> None:
    message, buffers = plan_of(suite).setup(handed_in("mine = 1\n"))

    everything = repr(message).encode() + b"".join(buffers)
    assert b"First" not in everything
    assert b"return 2" not in everything
    assert b"mine" in everything


def test_files_that_are_not_the_assignment_s_are_not_sent(suite: SuiteFolder) -> None:
    message, buffers = plan_of(suite).setup({**handed_in(), "other.py": b"x"})

    assert message.present == ["answer.py"]
    assert len(buffers) == 1


@pytest.mark.parametrize("name", ["scaffold/course/tools.py", "starter/answer.py"])
def test_scaffold_or_starter_that_is_no_python_is_named(suite: SuiteFolder, name: str) -> None:
    (suite.path / name).write_text("def (")

    with pytest.raises(AssignmentError, match=name.rpartition("/")[2]):
        plan_of(suite)


def test_starter_file_that_is_not_there_is_named(suite: SuiteFolder) -> None:
    (suite.path / "starter" / "helper.py").unlink()

    with pytest.raises(AssignmentError, match=r"starter/helper\.py"):
        plan_of(suite)


def test_readable_paths_hold_the_folder_and_the_standard_library(suite: SuiteFolder) -> None:
    paths = [Path(path) for path in readable_paths(suite.assignment, suite.path)]

    assert suite.path in paths
    assert any(Path(pytest.__file__).is_relative_to(path) for path in paths)
    assert Path("/") not in paths


@pytest.mark.parametrize(
    "name",
    [
        "assignment.toml",
        "suite/test_cases.py",
        "suite/plain_module.py",
        "scaffold/course/tools.py",
        "starter/answer.py",
        "data/rows.csv",
    ],
)
def test_suite_version_changes_with_what_grades(suite: SuiteFolder, name: str) -> None:
    path = suite.path / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write("\n# changed\n")

    assert load_suite(suite.path).version != suite.version


@pytest.mark.parametrize("name", ["mutants/expected.toml", "suite/__pycache__/test_cases.pyc"])
def test_suite_version_stays_with_what_does_not_grade(suite: SuiteFolder, name: str) -> None:
    path = suite.path / name
    path.parent.mkdir(parents=True)
    path.write_text("anything")

    assert load_suite(suite.path).version == suite.version


def test_suite_version_changes_when_bytes_move_from_file_to_file(suite: SuiteFolder) -> None:
    first, second = suite.path / "suite" / "a.py", suite.path / "suite" / "b.py"
    first.write_text("x = 1\n")
    second.write_text("")
    before = load_suite(suite.path).version

    first.write_text("")
    second.write_text("x = 1\n")

    assert load_suite(suite.path).version != before


def test_suite_version_is_the_same_wherever_the_folder_stands(
    suite: SuiteFolder, tmp_path: Path
) -> None:
    other = write_assignment(tmp_path / "elsewhere" / "doubling")

    assert other.version == suite.version


def test_folder_without_a_toml_is_no_assignment(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"assignment\.toml"):
        read_assignment(tmp_path)


def test_toml_that_is_none_is_named(suite: SuiteFolder) -> None:
    (suite.path / "assignment.toml").write_text("title = ")

    with pytest.raises(AssignmentError, match="not valid TOML"):
        load_suite(suite.path)


def test_assignment_without_a_suite_is_said_to_lack_it(tmp_path: Path) -> None:
    (tmp_path / "assignment.toml").write_text('[files]\n"answer.py" = "answer"\n')

    with pytest.raises(AssignmentError, match="suite/"):
        load_suite(tmp_path)
