"""What a suite's own code cannot do: it holds the answers, so it is given nothing else."""

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.domain.runs import RunRequest, SuiteFolder
from grader.grading.slots import Slot
from tests.assignments import handed_in, write_assignment
from tests.results import case_of

SUITE = """
import os
import socket
import subprocess
import sys

import pytest

import target

COLLECTED = {}


def tried(attempt):
    try:
        return f"got {attempt()!r}"[:300]
    except Exception as error:
        return type(error).__name__


ATTEMPTS = {
    "read a file": lambda: open(target.CANARY).read(),
    "read the passwords": lambda: open("/etc/passwd").read(),
    "list the root": lambda: os.listdir("/"),
    "list the temporary files": lambda: os.listdir("/tmp"),
    "read its own solution": lambda: len(open(target.FOLDER + "/solution/answer.py").read()),
    "read its own data": lambda: open(target.FOLDER + "/data/rows.csv").read(),
    "write to its folder": lambda: open(target.FOLDER + "/suite/x", "w"),
    "write to the temporary files": lambda: open("/tmp/grader-suite-wrote", "w"),
    "connect": lambda: socket.create_connection(("127.0.0.1", target.PORT), 0.5),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)),
    "connect to an abstract socket": lambda: socket.socket(socket.AF_UNIX).connect(target.ABSTRACT),
    "start a program": lambda: subprocess.run(["/bin/true"]),
    "see the environment": lambda: sorted(os.environ),
    "signal the worker": lambda: os.kill(target.WORKER, 0),
    "see the descriptors": lambda: len(os.listdir("/proc/self/fd")),
}
COLLECTED = {name: tried(attempt) for name, attempt in ATTEMPTS.items()}


@pytest.mark.case("Tries", points=50, file="answer.py")
def test_tries(submission, report):
    for name, attempt in ATTEMPTS.items():
        report.note(f"{name}: {tried(attempt)}")


@pytest.mark.case("Tried", points=50, file="answer.py")
def test_tried(submission, report):
    for name, outcome in COLLECTED.items():
        report.note(f"{name}: {outcome}")
"""
REFUSED = (
    "read a file",
    "read the passwords",
    "list the root",
    "list the temporary files",
    "write to its folder",
    "write to the temporary files",
    "connect",
    "connect to an abstract socket",
    "start a program",
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, str]]]:
    """Give what a suite's attempts came to: in a case, and when its module was imported."""
    os.environ["GRADER_SECRET_KEY"] = "do-not-leak"
    with (
        tempfile.NamedTemporaryFile("w", prefix="canary-") as canary,
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        abstract.bind("\0grader-test-canary")
        abstract.listen()
        canary.write("do-not-leak")
        canary.flush()
        Path(canary.name).chmod(0o644)
        folder = tmp_path_factory.mktemp("assignments") / "trying"
        facts = (
            f"CANARY, PORT, ABSTRACT = {canary.name!r}, {listener.getsockname()[1]}, "
            f"'\\0grader-test-canary'\nFOLDER, WORKER = {str(folder)!r}, {os.getpid()}\n"
        )
        files = {"suite/target.py": facts, "data/rows.csv": "1,2\n"}
        yield _outcomes(write_assignment(folder, SUITE, files))
    del os.environ["GRADER_SECRET_KEY"]


def _outcomes(suite: SuiteFolder) -> dict[str, dict[str, str]]:
    with Slot() as slot:
        result = slot.grade(RunRequest(suite, handed_in(), seed=1))
    cases = {name: case_of(result, name) for name in ("Tries", "Tried")}
    assert all(case.notes for case in cases.values()), cases
    return {
        name: {note.partition(": ")[0]: note.partition(": ")[2] for note in case.notes}
        for name, case in cases.items()
    }


@pytest.mark.parametrize("when", ["Tries", "Tried"])
@pytest.mark.parametrize("attempt", REFUSED)
def test_attempt_of_a_suite_is_refused(
    outcomes: dict[str, dict[str, str]], when: str, attempt: str
) -> None:
    outcome = outcomes[when][attempt]

    assert not outcome.startswith("got"), outcome


@pytest.mark.parametrize("when", ["Tries", "Tried"])
def test_suite_reads_its_own_folder(outcomes: dict[str, dict[str, str]], when: str) -> None:
    assert outcomes[when]["read its own data"] == "got '1,2\\n'"
    assert outcomes[when]["read its own solution"].startswith("got")


@pytest.mark.parametrize("when", ["Tries", "Tried"])
def test_suite_sees_nothing_of_the_worker_s_environment(
    outcomes: dict[str, dict[str, str]], when: str
) -> None:
    environment = outcomes[when]["see the environment"]

    assert environment.startswith("got")
    assert "GRADER_SECRET_KEY" not in environment
    assert "HOME" not in environment
