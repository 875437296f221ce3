"""`grader release` beside a running `grader serve`: what grades is what was released."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import PLAIN, ROOT, Ran, Server
from tests.processes import wait_for

Grader = Callable[..., Ran]
Serve = Callable[..., Server]
ROUTE = "/courses/demo/assignments/hw4/submissions"


@pytest.fixture
def hw4(environment: dict[str, str], tmp_path: Path) -> Path:
    """Give a folder of HW4 that may be edited, in a reference folder of the test's own."""
    folder = tmp_path / "reference" / "hw4"
    unneeded = shutil.ignore_patterns("mutants", "__pycache__")
    shutil.copytree(ROOT / "reference" / "hw4", folder, ignore=unneeded)
    environment["GRADER_REFERENCE_DIR"] = str(folder.parent)
    return folder


def upload(client: httpx.Client) -> dict[str, object]:
    """Hand in right files and return the graded submission."""
    files = [("files", (path.name, path.read_bytes())) for path in PLAIN.glob("*.py")]
    graded: dict[str, object] = client.post(ROUTE, params={"wait": 30}, files=files).json()
    return graded


def version_of(submission: dict[str, object]) -> str:
    """Return the suite version that a submission was graded with."""
    run = submission["run"]
    assert isinstance(run, dict)
    return str(run["suite_version"])


def edit(path: Path, old: str, new: str) -> None:
    """Replace words of a file that must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_edits_grade_nobody_until_they_are_released(
    serve: Serve, grader: Grader, hw4: Path
) -> None:
    with serve().client() as client:
        first = upload(client)
        edit(hw4 / "suite" / "test_loss.py", "points=10", "points=11")
        edited = upload(client)
        refused = grader("release", "hw4")
        after_refusal = upload(client)
        edit(hw4 / "suite" / "test_loss.py", "points=11", "points=10")
        edit(hw4 / "assignment.toml", "pass_mark = 80", "pass_mark = 90")
        made = json.loads(grader("release", "hw4", "--json").out)
        wait_for(
            lambda: version_of(upload(client)) == made["suite_version"], "an upload by the release"
        )
        old = client.get(f"/submissions/{first['id']}").json()
        again = grader("release")

    assert {each["score"] for each in (first, edited, after_refusal, old)} == {100.0}
    assert {version_of(each) for each in (edited, after_refusal, old)} == {version_of(first)}
    assert refused.exit == 1
    assert "the points add up to 102, not 100" in refused.out
    assert made["released"] is True
    assert made["suite_version"] != version_of(first)
    assert again.exit == 0
    assert again.out == f"hw4 is unchanged since it was released as {made['suite_version']}.\n"


def test_nothing_is_read_from_the_folder_once_it_is_released(serve: Serve, hw4: Path) -> None:
    server = serve()
    shutil.rmtree(hw4.parent)
    with server.client() as client:
        at_first = upload(client)
    server.stop()

    with serve().client() as client:
        afterwards = upload(client)

    assert (at_first["score"], afterwards["score"]) == (100.0, 100.0)
    assert version_of(afterwards) == version_of(at_first)


def test_start_with_a_broken_folder_grades_by_the_last_release_and_says_so(
    serve: Serve, hw4: Path
) -> None:
    with serve().client() as client:
        version = version_of(upload(client))
    edit(hw4 / "solution" / "loss.py", "return", "return 2 *")

    server = serve()
    with server.client() as client:
        graded = upload(client)
    said = wait_for(
        lambda: (now := _assignments(server)) != "ok" and now, "a word about the broken folder"
    )

    assert (graded["score"], version_of(graded)) == (100.0, version)
    assert said == f"the folder of hw4 is not released, see the log; {version} grades"
    assert httpx.get(f"{server.url}/readyz").status_code == 200


def test_start_with_a_new_folder_that_passes_releases_it(serve: Serve, hw4: Path) -> None:
    with serve().client() as client:
        before = version_of(upload(client))
    edit(hw4 / "assignment.toml", "pass_mark = 80", "pass_mark = 90")

    with serve().client() as client:
        wait_for(lambda: version_of(upload(client)) != before, "the new release")


@pytest.mark.parametrize("command", ["check", "release", "grade"])
@pytest.mark.parametrize(
    ("file", "content"),
    [
        pytest.param("suite/test_loss.py", "import nothing_of_that_name", id="not collected"),
        pytest.param("assignment.toml", "title = ", id="no TOML"),
    ],
)
def test_suite_that_cannot_be_used_is_exit_3_of_every_command(
    grader: Grader, hw4: Path, command: str, file: str, content: str
) -> None:
    grader("migrate")
    (hw4 / file).write_text(content)

    ran = grader(command, PLAIN if command == "grade" else "hw4")

    assert ran.exit == 3
    assert "hw4" in ran.err


def test_release_into_a_database_without_tables_is_exit_2(grader: Grader, hw4: Path) -> None:
    ran = grader("release", "hw4")

    assert ran.exit == 2
    assert "grader migrate" in ran.err


def _assignments(server: Server) -> str:
    checks: dict[str, str] = httpx.get(f"{server.url}/readyz").json()["checks"]
    return checks["assignments"]
