"""Whole processes: the command line, and a server of one's own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
GRADER = Path(sys.executable).with_name("grader")
SAMPLES = ROOT / "submissions" / "hw4"
PLAIN = SAMPLES / "accepted" / "plain"


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    exit: int
    out: str
    err: str


@dataclass(frozen=True)
class Server:
    """A running `grader serve --demo`."""

    process: "subprocess.Popen[str]"
    url: str
    curl: str
    token: str
    said: str

    def client(self, token: str | None = None) -> httpx.Client:
        """Return a client with a token, the demo student's if not said."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)

    def kill(self) -> None:
        """Kill the server outright."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask the server to stop and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Give an environment whose database and keys are the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    return {**kept, "GRADER_VAR_DIR": str(tmp_path / "var"), "HOST": "127.0.0.1", "PORT": "0"}


@pytest.fixture
def grader(environment: dict[str, str]) -> Callable[..., Ran]:
    """Give a function that runs the command `grader`."""

    def grader(*arguments: str | Path, **variables: str) -> Ran:
        done = subprocess.run(
            [GRADER, *arguments],
            env={**environment, **variables},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return grader


@pytest.fixture
def serve(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Give a function that starts `grader serve --demo`; what it started ends with the test."""
    started: list[Server] = []
    log = (tmp_path / "serve.log").open("a")

    def serve(*arguments: str, demo: Sequence[str] = ("--demo", "--no-class")) -> Server:
        process = subprocess.Popen(
            [GRADER, "serve", *demo, *arguments],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        started.append(_read_start(process))
        return started[-1]

    yield serve
    for server in started:
        if server.process.poll() is None:
            server.stop()
        if server.process.stdout is not None:
            server.process.stdout.close()
    log.close()


def _read_start(process: "subprocess.Popen[str]") -> Server:
    assert process.stdout is not None
    said = ""
    while "curl " not in said:
        line = process.stdout.readline()
        assert line, f"the server ended with {process.wait()}"
        said += line
    curl = next(line for line in said.splitlines() if line.startswith("curl "))
    url = re.search(r"http://[\d.]+:\d+", said)
    token = re.search(r"Bearer ([\w-]+)", curl)
    assert url is not None
    assert token is not None
    return Server(process, url[0], curl, token[1], said)
