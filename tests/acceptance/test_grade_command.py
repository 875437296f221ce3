"""`grader grade`, as a whole process in the real sandbox."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.acceptance.conftest import PLAIN, Ran

Grader = Callable[..., Ran]


@pytest.fixture
def backward_none(tmp_path: Path) -> Path:
    """Give a right submission but for a missing return in BCE.backward."""
    folder = tmp_path / "backward_none"
    shutil.copytree(PLAIN, folder)
    loss = folder / "loss.py"
    text = loss.read_text()
    before, backward, after = text.rpartition("    def backward(")
    loss.write_text(before + backward + after.replace("return ", "_ = "))
    return folder


def test_right_files_get_full_marks_in_the_courses_words(grader: Grader) -> None:
    ran = grader("grade", PLAIN)

    assert ran.exit == 0
    assert "BCEForwardTest passed." in ran.out
    assert "Tests passed: 11/11" in ran.out
    assert "Score: 100/100" in ran.out
    assert ran.err == ""


def test_missing_return_costs_its_case_and_is_named(grader: Grader, backward_none: Path) -> None:
    ran = grader("grade", "--json", backward_none)

    line = json.loads(ran.out)
    lost = [case for case in line["cases"] if case["verdict"] != "accepted"]
    assert ran.exit == 0
    assert (line["score"], line["passed"]) == (90.0, True)
    assert [case["name"] for case in lost] == ["BCEBackwardTest"]
    assert "None" in lost[0]["message"]


def test_json_is_one_line_a_path_in_their_order_and_nothing_else(
    grader: Grader, backward_none: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    paths = [backward_none, tmp_path / "gone", PLAIN, tmp_path / "empty"]

    ran = grader("grade", "--json", "--seed", "7", *paths)

    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.exit == 2
    assert [line["path"] for line in lines] == [str(path) for path in paths]
    assert [line["status"] for line in lines] == ["graded", "failed", "graded", "failed"]
    assert "error" in lines[1]
    assert (lines[1]["score"], lines[2]["score"]) == (None, 100.0)
    assert {line["seed"] for line in lines if line["status"] == "graded"} == {7}
    assert str(tmp_path / "gone") in ran.err


def test_below_the_pass_mark_is_exit_1(grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "loss.py").write_text("def (")

    ran = grader("grade", "--json", tmp_path / "loss.py")

    line = json.loads(ran.out)
    verdicts = {case["file"]: case["verdict"] for case in line["cases"]}
    assert ran.exit == 1
    assert line["passed"] is False
    assert (verdicts["loss.py"], verdicts["classifier.py"]) == ("runtime_error", "skipped")


def test_zip_of_the_courses_tree_is_graded(grader: Grader, tmp_path: Path) -> None:
    archive = tmp_path / "hw4.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for name in ("loss", "classifier", "optimizer"):
            out.write(PLAIN / f"{name}.py", f"i2dl/exercise_code/networks/{name}.py")
        out.write(PLAIN / "solver.py", "i2dl/exercise_code/solver.py")
        out.writestr("i2dl/1_hw4.ipynb", "{}" * 2_000_000)

    ran = grader("grade", "--json", archive)

    assert (ran.exit, json.loads(ran.out)["score"]) == (0, 100.0)


def test_one_case_alone_has_its_own_maximum_and_does_not_pass(grader: Grader) -> None:
    ran = grader("grade", "--json", "--case", "BCEForwardTest", "--case", "SolverStepTest", PLAIN)

    line = json.loads(ran.out)
    assert ran.exit == 0
    assert {case["name"] for case in line["cases"]} == {"BCEForwardTest", "SolverStepTest"}
    assert (line["score"], line["max_score"], line["passed"]) == (25.0, 25.0, None)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["grade"], "PATH", id="no path"),
        pytest.param(["grade", "--assignment", "hw9", "."], "hw4", id="no such assignment"),
        pytest.param(["grade", "--case", "Nope", str(PLAIN)], "BCEForwardTest", id="no such case"),
        pytest.param(["grade", "--seed", "-1", str(PLAIN)], "seed", id="seed"),
        pytest.param(["grade", "--results", "r.json", "a", "b"], "one path", id="two results"),
        pytest.param(["nonsense"], "nonsense", id="no such command"),
        pytest.param(["check", "hw9"], "hw4", id="check of no such assignment"),
        pytest.param(["submit", "hw4", str(PLAIN / "loss.py")], "GRADER_TOKEN", id="no token"),
        pytest.param(
            ["submit", "hw4", str(PLAIN / "loss.py"), "--token", "any", "--fail-under", "500"],
            "0<=x<=100",
            id="more than there is",
        ),
        pytest.param(["token", "create", "--role", "student"], "migrate", id="not migrated"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_to_do(
    grader: Grader, arguments: list[str], says: str
) -> None:
    ran = grader(*arguments)

    assert (ran.exit, ran.out) == (2, "")
    assert says in ran.err


def test_course_and_name_find_the_assignment(grader: Grader) -> None:
    right = grader("grade", "--assignment", "demo/hw4", "--case", "BCEForwardTest", PLAIN)
    wrong = grader("grade", "--assignment", "other/hw4", PLAIN)

    assert (right.exit, wrong.exit) == (0, 2)


def test_results_for_other_programs_are_written(
    grader: Grader, tmp_path: Path, backward_none: Path
) -> None:
    junit, results = tmp_path / "junit.xml", tmp_path / "results.json"

    grader("grade", "--junit", junit, "--results", results, backward_none)

    root = ElementTree.parse(junit).getroot()  # noqa: S314  # our own document
    gradescope = json.loads(results.read_text())
    assert root.find("testsuite[@tests='11'][@failures='1']") is not None
    assert gradescope["score"] == 90.0
    assert [test["status"] for test in gradescope["tests"]].count("failed") == 1


def test_terminal_codes_of_students_do_not_reach_the_terminal(
    grader: Grader, tmp_path: Path
) -> None:
    (tmp_path / "loss.py").write_text(
        "print('\\x1b[2J\\u202e')\nraise ValueError('\\x1b]0;owned\\x07')"
    )

    ran = grader("grade", tmp_path / "loss.py")

    assert "\x1b" not in ran.out + ran.err
    assert "\u202e" not in ran.out
    assert "owned" in ran.out


def test_link_in_a_folder_is_not_followed(grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret = 1")
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "loss.py").symlink_to(tmp_path / "secret.txt")

    ran = grader("grade", "--json", folder)

    assert ran.exit == 2
    assert "link" in json.loads(ran.out)["error"]


def test_help_comes_at_once(grader: Grader) -> None:
    ran = grader("grade", "--help")

    assert ran.exit == 0
    for option in ("--assignment", "--case", "--seed", "--json", "--junit", "--results"):
        assert option in ran.out


def test_file_that_was_ignored_for_its_name_is_told_of(grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "loss.py").write_bytes((PLAIN / "loss.py").read_bytes())
    (tmp_path / "Classifier.py").write_bytes((PLAIN / "classifier.py").read_bytes())

    ran = grader("grade", tmp_path, "--json")

    notes = json.loads(ran.out)["notes"]
    assert any("Classifier.py was ignored: rename it to classifier.py" in note for note in notes)


def test_report_that_cannot_be_written_is_told_before_anything_is_graded(
    grader: Grader, tmp_path: Path
) -> None:
    ran = grader("grade", PLAIN, "--json", "--junit", tmp_path / "nowhere" / "junit.xml")

    assert (ran.exit, ran.out) == (2, "")
    assert "cannot be written" in ran.err
