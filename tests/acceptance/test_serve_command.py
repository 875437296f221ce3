"""`grader serve --demo` over HTTP, and the commands that speak to it."""

import json
import re
import resource
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE
from typing import Any

import httpx
import pytest

from tests.acceptance.conftest import GRADER, PLAIN, ROOT, Ran, Server
from tests.processes import wait_for

Grader = Callable[..., Ran]
Serve = Callable[..., Server]
ROUTE = "/courses/demo/assignments/hw4/submissions"
RIGHT_LOSS = (PLAIN / "loss.py").read_bytes()


def _upload(
    client: httpx.Client, content: bytes = RIGHT_LOSS, wait: int = 0, **fields: str
) -> httpx.Response:
    files = {"files": ("loss.py", content)}
    return client.post(ROUTE, params={"wait": wait}, files=files, data=fields)


def test_printed_curl_line_answers_with_a_graded_submission(serve: Serve) -> None:
    server = serve()

    done = subprocess.run(
        shlex.split(server.curl), cwd=ROOT, capture_output=True, text=True, check=True
    )

    submission = json.loads(done.stdout)
    assert (submission["status"], submission["score"]) == ("graded", 100.0)
    assert submission["counts"] is True


def test_server_says_that_it_is_ready(serve: Serve) -> None:
    response = httpx.get(f"{serve().url}/readyz")

    assert response.status_code == 200
    assert response.json()["status"] == "ready"


def test_server_opens_as_many_connections_as_the_system_lets_it(serve: Serve) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard - 1, hard))  # which a child begins with
    try:
        server = serve()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    assert re.search(r"^Max open files +(\d+) +\1 ", limits, re.MULTILINE)


def test_secret_key_is_made_once_and_readable_by_its_owner_only(
    serve: Serve, tmp_path: Path
) -> None:
    key = tmp_path / "var" / "secret_key"
    serve().stop()
    first = key.read_text()
    serve()

    assert key.read_text() == first
    assert len(first) >= 32
    assert S_IMODE(key.stat().st_mode) == 0o600
    assert S_IMODE(key.parent.stat().st_mode) == 0o700


def test_submit_waits_and_ends_by_the_score(serve: Serve, grader: Grader, tmp_path: Path) -> None:
    server = serve()
    access = {"GRADER_URL": server.url, "GRADER_TOKEN": server.token}
    files = sorted(PLAIN.glob("*.py"))
    junit = tmp_path / "junit.xml"

    right = grader("submit", "hw4", *files, "--wait", "--junit", junit, **access)
    below = grader("submit", "demo/hw4", PLAIN / "loss.py", "--wait", **access)
    enough = grader("submit", "hw4", PLAIN / "loss.py", "--fail-under", "20", **access)
    stored = grader("submit", "hw4", PLAIN / "loss.py", **access)

    assert (right.exit, below.exit, enough.exit, stored.exit) == (0, 1, 0, 0)
    assert "Score: 100/100" in right.out
    assert "testsuite" in junit.read_text()
    assert "classifier.py is missing" in below.err


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        pytest.param(["hw9", "loss.py"], 2, id="no such assignment"),
        pytest.param(["hw4", "solver.pyc"], 2, id="no such file"),
        pytest.param(["hw4", str(ROOT / "README.md")], 2, id="refused"),
    ],
)
def test_submit_of_what_is_refused_is_exit_2(
    serve: Serve, grader: Grader, arguments: list[str], exit_code: int
) -> None:
    server = serve()
    path = str(PLAIN / arguments[1]) if arguments[1] == "loss.py" else arguments[1]

    ran = grader("submit", arguments[0], path, GRADER_URL=server.url, GRADER_TOKEN=server.token)

    assert ran.exit == exit_code
    assert ran.err


def test_submit_says_where_to_read_the_result_and_what_is_needed(
    serve: Serve, grader: Grader
) -> None:
    server = serve()
    access = {"GRADER_URL": f"{server.url}/api/v1/", "GRADER_TOKEN": server.token}

    stored = grader("submit", "hw4", PLAIN / "loss.py", **access)
    below = grader("submit", "hw4", PLAIN / "loss.py", "--wait", **access)

    assert f"See {server.url}/submissions/1" in stored.err
    assert "Not passed: 80 needed" in below.out


def test_report_that_cannot_be_written_costs_no_attempt(
    serve: Serve, grader: Grader, tmp_path: Path
) -> None:
    server = serve()
    access = {"GRADER_URL": server.url, "GRADER_TOKEN": server.token}
    nowhere = tmp_path / "nowhere" / "junit.xml"

    ran = grader("submit", "hw4", PLAIN / "loss.py", "--junit", nowhere, **access)

    assert (ran.exit, "cannot be written" in ran.err) == (2, True)
    with server.client() as client:
        assert client.get(ROUTE).json()["items"] == []


def test_submit_by_a_token_that_is_not_known_is_exit_2(serve: Serve, grader: Grader) -> None:
    server = serve("--no-workers", "--no-class")
    access = {"GRADER_URL": server.url, "GRADER_TOKEN": "grd_unknown"}

    ran = grader("submit", "hw4", PLAIN / "loss.py", **access)

    assert (ran.exit, "GRADER_TOKEN is not valid here" in ran.err) == (2, True)


def test_address_that_is_none_is_exit_2(grader: Grader) -> None:
    access = {"GRADER_URL": "127.0.0.1:8000", "GRADER_TOKEN": "any"}

    ran = grader("submit", "hw4", PLAIN / "loss.py", **access)

    assert (ran.exit, "GRADER_URL must begin with http" in ran.err) == (2, True)


def test_submit_to_nobody_is_exit_3(grader: Grader) -> None:
    access = {"GRADER_URL": "http://127.0.0.1:9", "GRADER_TOKEN": "any"}

    ran = grader("submit", "demo/hw4", PLAIN / "loss.py", **access)

    assert ran.exit == 3
    assert "does not answer" in ran.err


def test_tokens_are_printed_alone_and_can_be_revoked(serve: Serve, grader: Grader) -> None:
    server = serve()
    made = grader("token", "create", "--role", "instructor", "--user", "tutor")
    headers = {"Authorization": f"Bearer {made.out.strip()}"}
    me = httpx.get(f"{server.url}/api/v1/me", headers=headers).json()
    revoked = grader("token", "revoke", "--user", "tutor")
    after = httpx.get(f"{server.url}/api/v1/me", headers=headers)

    assert (made.exit, made.out.count("\n"), made.err) == (0, 1, "")
    assert (me["name"], me["role"]) == ("tutor", "instructor")
    assert (revoked.exit, after.status_code) == (0, 401)


def test_without_workers_nothing_is_graded(serve: Serve) -> None:
    server = serve("--no-workers")

    with server.client() as client:
        assert _upload(client, wait=1).json()["status"] == "queued"


def test_run_in_hand_is_finished_or_queued_again_when_the_server_is_told_to_stop(
    serve: Serve,
) -> None:
    server = serve()
    with server.client() as client:
        ids = [_upload(client).json()["id"] for _ in range(10)]
    code = server.stop()

    again = serve()
    with again.client() as client:
        results = [_until_ended(client, submission) for submission in ids]

    assert code == 0
    assert {result["status"] for result in results} == {"graded"}


def test_uploads_survive_servers_that_are_killed_while_grading(
    serve: Serve, grader: Grader
) -> None:
    ids: list[int] = []
    staff = ""
    for student in ("ann", "ben", "cleo"):
        server = serve()
        staff = staff or grader("token", "create", "--role", "assistant").out.strip()
        with server.client(staff) as client:
            ids += [_upload(client, student=student).json()["id"] for _ in range(8)]
            _until_ended(client, ids[-8])
        server.kill()

    with serve().client(staff) as client:
        results = [_until_ended(client, submission) for submission in ids]

    assert [result["status"] for result in results] == ["graded"] * 24
    assert {result["score"] for result in results} == {20.0}
    assert [result["attempt"] for result in results] == [*range(1, 9)] * 3


def test_class_of_the_demo_is_there_once_however_often_the_server_is_killed(
    serve: Serve, grader: Grader
) -> None:
    for _ in range(2):
        server = serve(demo=["--demo"])
        server.kill()
    server = serve(demo=["--demo"])

    with server.client() as client:
        own = client.get(ROUTE).json()["items"]
        ended = [_until_ended(client, submission["id"]) for submission in own]
    staff = grader("token", "create", "--role", "instructor").out.strip()
    whole = _all_submissions(server, staff)
    assert [(each["attempt"], each["score"]) for each in ended] == [(2, 70.0), (1, 20.0)]
    assert len({each["student"] for each in whole}) == 61
    assert len({(each["student"], each["attempt"]) for each in whole}) == len(whole) > 100
    assert {each["run"]["number"] for each in whole} == {1}


def test_server_without_demo_has_no_class_and_prints_no_way_in(
    environment: dict[str, str], grader: Grader
) -> None:
    grader("migrate")
    with subprocess.Popen(
        [GRADER, "serve", "--no-workers"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        url = said.split()[3]
        staff = grader("token", "create", "--role", "instructor").out.strip()
        found = httpx.get(
            f"{url}/api/v1{ROUTE}", headers={"Authorization": f"Bearer {staff}"}
        ).json()
        process.terminate()
        rest = process.stdout.read()

    assert found["items"] == []
    assert "grader is at" in said
    assert rest == ""


def test_port_in_use_is_told_plainly(serve: Serve, grader: Grader) -> None:
    port = serve().url.rpartition(":")[2]

    ran = grader("serve", "--port", port)

    assert ran.exit == 2
    assert "PORT" in ran.err


def _all_submissions(server: Server, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        while True:
            params = {"limit": 100} | ({"cursor": cursor} if cursor else {})
            page = client.get(f"{server.url}/api/v1{ROUTE}", params=params).json()
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found


def _until_ended(client: httpx.Client, submission: int) -> dict[str, object]:
    def look() -> dict[str, object] | None:
        found: dict[str, object] = client.get(f"/submissions/{submission}").json()
        return None if found["status"] in ("queued", "running") else found

    return wait_for(look, f"the end of submission {submission}", 60) or {}
