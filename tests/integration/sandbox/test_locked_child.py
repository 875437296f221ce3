"""A child from inside, with all layers and with the musts alone."""

import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.domain.runs import SuiteFolder
from grader.sandbox.zygote import FIRST_UID, Zygote
from grader.suite.answer import value_of
from grader.suite.submission import Submission
from tests.assignments import handed_in
from tests.turns import run_case, session_on

SOURCE = (Path(__file__).parent / "attempts.py.txt").read_bytes()
Ask = Callable[..., Any]


@pytest.fixture(
    scope="module",
    params=[pytest.param(True, id="all layers"), pytest.param(False, id="musts alone")],
)
def zygote(request: pytest.FixtureRequest) -> Iterator[Zygote]:
    """Give a zygote with its further layers, and one without."""
    os.environ["CANARY"] = "do-not-leak"
    with Zygote(slot=7, namespaces=request.param) as running:
        yield running
    del os.environ["CANARY"]


@pytest.fixture
def ask(zygote: Zygote, doubling: SuiteFolder) -> Iterator[Ask]:
    """Give a function that calls one of the attempts inside and returns its plain answer."""
    with session_on(zygote, doubling, handed_in(SOURCE)) as session:

        def ask(function: str, *arguments: object) -> object:
            answers: list[object] = []

            def case(submission: Submission) -> None:
                answers.append(value_of(getattr(submission.answer, function)(*arguments)))

            result = run_case(session, case)
            assert answers, result.message
            return answers[0]

        yield ask


@pytest.fixture
def canary() -> Iterator[Path]:
    """Give a file that everybody on this machine may read."""
    with tempfile.NamedTemporaryFile("w", prefix="canary-", suffix=".txt") as file:
        file.write("do-not-leak")
        file.flush()
        Path(file.name).chmod(0o644)
        yield Path(file.name)


def attempts() -> list[str]:
    """Return the names of all attempts, as the source has them."""
    names: dict[str, Any] = {}
    exec(compile(SOURCE, "attempts.py", "exec"), names)  # noqa: S102  (our own; nothing is attempted)
    return list(names["ATTEMPTS"])


# Python itself stops these with an error of its own; the call beneath is refused all the same.
OTHER_REFUSALS = {
    "forkpty": "EACCES",
    "thread": "RuntimeError: can't start new thread",
    "write to a file": "EACCES",
    "write to the current folder": "EACCES",
    "write to tmp": "EACCES",
    "write to shared memory": "EACCES",
    "write a nameless file": "EACCES",
    "lift a limit": "ValueError: not allowed to raise maximum limit",
    "lower a limit": "ValueError: not allowed to raise maximum limit",
    "terminal": "ENOTTY",
}


@pytest.mark.parametrize("name", attempts())
def test_attempt_is_refused_by_the_filter(ask: Ask, name: str) -> None:
    outcome = ask("attempt", name)

    assert outcome in ("EPERM", OTHER_REFUSALS.get(name))


def test_file_that_everybody_may_read_is_out_of_reach(ask: Ask, canary: Path) -> None:
    assert ask("opened", str(canary)) in ("EACCES", "ENOENT")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/etc/hostname",
        "/proc/self/status",
        "/proc/self/environ",
        "/proc/self/mem",
        "/proc/1/environ",
        "/dev/mem",
        "/dev/urandom",
        "/dev/tty",
        __file__,
        pytest.__file__,
    ],
)
def test_file_beyond_the_standard_library_is_out_of_reach(ask: Ask, path: str) -> None:
    assert ask("opened", path) in ("EACCES", "ENOENT")


@pytest.mark.parametrize("path", ["/", "/etc", "/proc", "/dev", "/tmp", "/home"])  # noqa: S108
def test_folder_beyond_the_standard_library_cannot_be_listed(ask: Ask, path: str) -> None:
    assert ask("listed", path) in ("EACCES", "ENOENT")


def test_standard_library_and_numpy_can_be_read(ask: Ask, zygote: Zygote) -> None:
    paths = [Path(json.__file__), Path(np.__file__)]

    # Where nothing can be bound to another place, a Python of root's own stays out of reach.
    reachable = [path for path in paths if not zygote.layers["empty root"] or _open_to_all(path)]
    assert all(isinstance(ask("opened", str(path)), bytes) for path in reachable)


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in path.parents)


def test_nothing_of_a_suite_or_a_solution_is_on_its_disk(
    ask: Ask, doubling: SuiteFolder, zygote: Zygote
) -> None:
    found = ask("walked", "/")

    assert isinstance(found, list)
    assert "test_cases.py" not in found
    assert "assignment.toml" not in found
    if not zygote.layers["empty root"]:
        assert not ask("exists", str(doubling.path))
        assert not ask("exists", __file__)
        assert not ask("exists", "/etc")


def test_no_module_that_grades_is_in_its_memory(ask: Ask) -> None:
    modules = ask("facts")["modules"]

    ours = ("pytest", "_pytest", "grader.suite", "grader.domain", "grader.grading", "test_cases")
    assert not [name for name in modules if name.startswith(ours)]


def test_environment_holds_nothing_of_ours(ask: Ask) -> None:
    environment = ask("facts")["environment"]

    assert "CANARY" not in environment
    assert set(environment) <= {
        "HOME",
        "LC_ALL",
        "LC_CTYPE",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "OPENBLAS_CORETYPE",
        "OPENBLAS_L2_SIZE",
        "PYTHONHASHSEED",
    }
    assert ask("facts")["arguments"] == [""]


def test_child_holds_no_descriptor_but_its_stream_and_three_nulls(ask: Ask) -> None:
    assert ask("facts")["descriptors"] == [0, 1, 2, 3]


def test_child_is_never_root(ask: Ask) -> None:
    facts = ask("facts")

    own = FIRST_UID + 7 if os.getuid() == 0 else os.getuid()
    assert facts["uid"] == [own] * 2
    assert 0 not in facts["gid"] + facts["groups"]


def test_child_is_alone_in_its_process_namespace_where_there_is_one(
    ask: Ask, zygote: Zygote
) -> None:
    alone = ask("facts")["pid"] == 1

    assert alone == (zygote.layers["process namespace"] == "")


def test_limits_cannot_be_had_larger(ask: Ask) -> None:
    limits = ask("facts")["limits"]

    assert 0 < limits["RLIMIT_AS"] < 1 << 31
    assert 0 < limits["RLIMIT_CPU"] < 60
    zero = ("FSIZE", "CORE", "NPROC", "MEMLOCK", "MSGQUEUE")
    assert [limits[f"RLIMIT_{name}"] for name in zero] == [0] * len(zero)


def test_hashes_are_alike_in_every_child(ask: Ask) -> None:
    assert ask("facts")["hash"] == ask("facts")["hash"]


def test_kernel_says_that_the_locks_hold(zygote: Zygote, doubling: SuiteFolder) -> None:
    with session_on(zygote, doubling, handed_in()) as session:
        child, _fresh = session.child()
        status = Path(f"/proc/{child.pid}/status").read_text()

    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"
    assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}
    assert fields["Threads"] == "1"


def test_listener_on_this_machine_hears_nothing(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)

        assert ask("attempt", "socket") == "EPERM"

        with pytest.raises(BlockingIOError):
            listener.accept()
