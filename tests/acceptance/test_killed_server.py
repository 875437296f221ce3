"""A server that is killed outright again and again: uploads end graded, once, and as in peace."""

import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.conftest import SAMPLES, Ran, Server
from tests.processes import wait_for

ROUTE = "/courses/demo/assignments/hw4/submissions"
UPLOADS, KILLS = 50, 5
STUDENTS = 5  # ten of each may wait
CASES = 11
# Of each kind of end that a run can come to, those that are quick.
MIXED = (
    "accepted/plain",
    "wrong/loss_backward_none",
    "accepted/in_place_minus",
    "error/syntax_error",
    "accepted/logaddexp",
    "limit/giant_answer",
    "accepted/clipped_logs",
    "error/segmentation_fault",
    "accepted/masked_sigmoid",
    "hostile/exit_zero_at_import",
)


def _upload(client: httpx.Client, sample: str, student: str) -> int:
    paths = sorted((SAMPLES / sample).glob("*.py"))
    files = [("files", (path.name, path.read_bytes())) for path in paths]
    response = client.post(ROUTE, files=files, data={"student": student})
    assert response.status_code == 201, response.text
    submission: int = response.json()["id"]
    return submission


def _standing(client: httpx.Client) -> dict[int, dict[str, Any]]:
    items = client.get(ROUTE, params={"limit": 100}).json()["items"]
    return {item["id"]: item for item in items}


def _asked(var: Path, question: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(var / "grader.db", timeout=30)) as database:
        return database.execute(question).fetchall()


def _until_graded(var: Path, wanted: int) -> int:
    """Wait until so many runs are graded, and return how many are."""

    def look() -> int | None:
        ((graded,),) = _asked(var, "SELECT COUNT(*) FROM run WHERE status = 'graded'")
        return graded if graded >= wanted else None

    return wait_for(look, f"{wanted} graded runs", 120) or 0


def test_uploads_end_graded_once_and_as_in_peace_however_often_the_server_is_killed(
    serve: Callable[..., Server], grader: Callable[..., Ran], tmp_path: Path
) -> None:
    expected = tomllib.loads((SAMPLES / "expected.toml").read_text())
    var = tmp_path / "var"
    server = serve()
    staff = grader("token", "create", "--role", "assistant").out.strip()
    with server.client(staff) as client:
        sent = [MIXED[number % len(MIXED)] for number in range(UPLOADS)]
        samples = {
            _upload(client, sample, f"student-{number % STUDENTS}"): sample
            for number, sample in enumerate(sent)
        }

    graded_at_kills = []
    for kill in range(KILLS):
        graded_at_kills.append(_until_graded(var, (kill + 1) * UPLOADS // (KILLS + 2)))
        server.kill()
        server = serve()
    _until_graded(var, UPLOADS)
    with server.client(staff) as client:
        found = _standing(client)

    assert all(0 < graded < UPLOADS for graded in graded_at_kills), "nothing was left to kill"
    assert {number: item["status"] for number, item in found.items()} == dict.fromkeys(
        samples, "graded"
    )
    scores = {number: item["score"] for number, item in found.items()}
    assert scores == {number: expected[sample]["score"] for number, sample in samples.items()}
    attempts = {(item["student"], item["attempt"]) for item in found.values()}
    assert attempts == {
        (f"student-{number % STUDENTS}", number // STUDENTS + 1) for number in range(UPLOADS)
    }
    written = _asked(var, "SELECT run_id, COUNT(*) FROM case_result GROUP BY run_id")
    assert (len(written), {cases for _, cases in written}) == (UPLOADS, {CASES})
    assert any(item["run"]["tries"] > 1 for item in found.values()), "no kill met a run"
