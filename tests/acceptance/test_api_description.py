"""The API against its own description: whatever is sent, the answer is one that it names."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import Ran, Server

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
# What it may not answer: 5xx; a status, a type or a shape that the description does not name.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
BOUNDED = ("--phases=examples,coverage,fuzzing", "--max-examples=8", "--max-time=12", "--no-shrink")
QUIET = ("--seed=1", "--warnings=off", "--no-color", "--generation-database=none")
# A stream ends with its run, and here nobody grades.
LEFT_OUT = "--exclude-path-regex=/events$"


# Names and ids drawn at random are those of nothing: with these, what there is gets asked for.
KNOWN = """
[parameters]
"path.course" = "demo"
"path.assignment" = "hw4"
"path.submission" = "{submission}"
"path.name" = "loss.py"
"""


@pytest.mark.parametrize(
    ("role", "config"),
    [
        pytest.param("student", "", id="student, anything"),
        pytest.param("instructor", KNOWN, id="instructor, what there is"),
    ],
)
def test_no_request_makes_the_api_fail_or_leave_its_description(
    serve: Callable[..., Server], grader: Callable[..., Ran], tmp_path: Path, role: str, config: str
) -> None:
    server = serve("--no-workers")
    with server.client() as student:
        files = {"files": ("loss.py", b"x = 1")}
        stored = student.post("/courses/demo/assignments/hw4/submissions", files=files).json()
    (tmp_path / "schemathesis.toml").write_text(config.format(submission=stored["id"]))
    token = grader("token", "create", "--role", role, "--user", f"some-{role}").out.strip()

    command: list[str | Path] = [SCHEMATHESIS, "run", f"{server.url}/openapi.json"]
    command += ["-H", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS)]
    done = subprocess.run(
        [*command, *BOUNDED, *QUIET, LEFT_OUT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
