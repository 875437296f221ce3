"""`docker-compose.yml`: as the specification has it, and its processes started by hand."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from grader.config import Settings
from tests.acceptance.conftest import GRADER, PLAIN, ROOT
from tests.postgres import MISSING, running_postgres

CHECK = GRADER.with_name("check-jsonschema")
_PASSWORD = "correct horse/battery@staple"
_PATIENCE = 180.0
_OURS = ("migrate", "api", "worker")
# What a container that drops all capabilities leaves of root.
_CONTAINED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]

Process = subprocess.Popen[str]


def _file() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    return found


def _service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _file()["services"][name]
    return found


class Containers:
    """The services of the file as processes: its commands and environment, but for the places."""

    def __init__(self, folder: Path, database_url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        self._folder = folder
        self._secrets = folder / "secrets"
        self._secrets.mkdir()
        for name, content in (("database_password", _PASSWORD), ("secret_key", "k" * 40)):
            (self._secrets / f"grader_{name}").write_text(f"{content}\n")
        self._places = {
            "GRADER_DATABASE_URL": database_url,
            "GRADER_SECRETS_DIR": str(self._secrets),
            "HOST": "127.0.0.1",
            "PORT": self.port,
        }
        self._running: list[Process] = []

    def run(self, service: str, *command: str) -> int:
        """Run a service's command, or another in its place, to its end."""
        process = self._popen(service, command or _service(service)["command"])
        return process.wait(timeout=_PATIENCE)

    def start(self, service: str) -> Process:
        """Start a service and wait until its own health check finds it well."""
        process = self._popen(service, _service(service)["command"])
        self._running.append(process)
        kind, *check = _service(service)["healthcheck"]["test"]
        assert kind == "CMD"
        until = time.monotonic() + _PATIENCE
        while self.run(service, *check) != 0:
            assert process.poll() is None, self.log(service)
            assert time.monotonic() < until, self.log(service)
        return process

    def output(self, service: str, *command: str) -> str:
        """Run a command beside a service and return what it prints."""
        done = subprocess.run(
            [*_contained(), *command],
            env=self._environment(service),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def log(self, service: str) -> str:
        """Return what a service has logged."""
        return (self._folder / f"{service}.log").read_text()

    def stop(self) -> list[int]:
        """Stop as Compose does, and return what each process ended with."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(timeout=60) for process in self._running]
        self._running.clear()
        return codes

    def _popen(self, service: str, command: Sequence[str]) -> Process:
        with (self._folder / f"{service}.log").open("a") as log:
            return subprocess.Popen(
                [*_contained(), *command],
                env=self._environment(service),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                text=True,
            )

    def _environment(self, service: str) -> dict[str, str]:
        path = f"{GRADER.parent}:{os.environ['PATH']}"
        var = self._folder / service  # each container has a tmpfs of its own
        given = {**_service(service)["environment"], "GRADER_BASE_URL": ""}
        assert self._places.keys() & given.keys() <= {"GRADER_DATABASE_URL", "HOST", "PORT"}
        return {"PATH": path, "GRADER_VAR_DIR": str(var), **given, **self._places}


def _contained() -> list[str]:
    return _CONTAINED if os.geteuid() == 0 else []


@pytest.fixture
def containers(tmp_path: Path) -> Iterator[Containers]:
    """Give the services on a real PostgreSQL that asks for the password of the secret."""
    if MISSING:
        pytest.skip(MISSING)
    with running_postgres() as postgres:
        postgres.demand(_PASSWORD)
        with postgres.new_database("grader") as url:
            containers = Containers(tmp_path, url)
            yield containers
            containers.stop()


def test_file_is_as_the_compose_specification_has_it() -> None:
    checked = subprocess.run(
        [CHECK, "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


def test_no_container_has_power_over_its_host() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    assert "docker.sock" not in text
    assert not {"privileged", "pid", "network_mode", "ipc", "userns_mode", "devices"} & {
        key for service in _file()["services"].values() for key in service
    }


@pytest.mark.parametrize("name", _OURS)
def test_our_containers_are_unprivileged_and_read_only(name: str) -> None:
    service = _service(name)

    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["db", "api", "worker"])
def test_what_runs_for_long_is_watched_and_started_again(name: str) -> None:
    assert _service(name)["restart"] == "unless-stopped"
    assert _service(name)["healthcheck"]["test"][0] == "CMD"


def test_secrets_are_files_named_as_the_settings_that_they_give() -> None:
    secrets = _file()["secrets"]

    names = {name.removeprefix("grader_") for name in secrets}
    assert names <= set(Settings.model_fields)
    assert all(set(secret) == {"file"} for secret in secrets.values())
    assert _PASSWORD not in (ROOT / "docker-compose.yml").read_text()


def test_processes_of_the_file_grade_on_a_real_postgresql(containers: Containers) -> None:
    assert containers.run("migrate") == 0, containers.log("migrate")
    containers.start("api")
    unwell = containers.run("worker", *_service("worker")["healthcheck"]["test"][1:])
    for _ in range(2):
        containers.start("worker")
    secret = containers.output("api", "grader", "token", "create", "--role", "student")

    with httpx.Client(base_url=f"http://127.0.0.1:{containers.port}", timeout=60) as client:
        ready = client.get("/readyz").json()
        answer = client.post(
            "/api/v1/courses/demo/assignments/hw4/submissions",
            params={"wait": 30},
            headers={"Authorization": f"Bearer {secret}"},
            files=[("files", (path.name, path.read_bytes())) for path in PLAIN.glob("*.py")],
        )

    assert unwell != 0
    assert "slots" in ready["checks"]["workers"]
    assert (answer.status_code, answer.json()["score"]) == (201, 100), containers.log("worker")
    assert containers.stop() == [0, 0, 0]
