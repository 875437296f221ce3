"""HTTP upload to readable score: a server, and a client in a process of its own, over loopback."""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from grader.domain.people import Role
from grader.storage.database import Database
from grader.workflow.people import create_token
from scripts.benchmarks.samples import ROOT
from scripts.benchmarks.table import Row

_GRADER = Path(sys.executable).with_name("grader")
_ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
_STUDENTS = 300
_MOST_SECONDS = 300


@dataclass(frozen=True)
class Service:
    """A running server, and the tokens of its students."""

    url: str
    tokens: list[str]

    def upload(self, rate: float, seconds: float, *, to_the_score: bool) -> dict[str, Any]:
        """Let the client upload right files at a rate, and return what came of it.

        Times are to the answer, or `to_the_score` when it can be read.
        """
        files = (ROOT / "submissions/hw4/accepted/plain").glob("*.py")
        order = {
            "url": self.url,
            "route": f"{_ROUTE}?wait=30" if to_the_score else _ROUTE,
            "to_the_score": to_the_score,
            "rate": rate,
            "seconds": seconds,
            "tokens": self.tokens,
            "files": {path.name: path.read_text() for path in files},
        }
        client = [sys.executable, "-m", "scripts.benchmarks.upload_client"]
        done = subprocess.run(
            client, input=json.dumps(order), capture_output=True, text=True, check=True, cwd=ROOT
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def runs(self) -> dict[str, float]:
        """Return how many runs there are of each status."""
        text = httpx.get(f"{self.url}/metrics", timeout=30).text
        return {
            sample.labels["status"]: sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "grader_runs"
        }


def rows(seconds: int) -> list[Row]:
    """Measure 20 uploads a second for so long, then 200 a second for five seconds."""
    with _serving() as service:
        service.upload(5, 3, to_the_score=True)
        steady = _steady(service, seconds)
        return [*steady, *_rush(service)]


def _steady(service: Service, seconds: int) -> list[Row]:
    found = service.upload(20, seconds, to_the_score=True)
    answers = found["answers"]
    wrong = [answer for answer in answers if answer.get("score") != 100]
    taken = sorted(answer["seconds"] * 1000 for answer in answers)
    median, most = statistics.median(taken), taken[int(0.95 * len(taken))]
    rate = len(answers) / found["span"]
    what = f"HTTP upload to readable score, 20 a second for {seconds} s"
    return [
        Row(what, f"median {median:.0f} ms", "≤ 150 ms", median <= 150),
        Row("  95 % of them", f"{most:.0f} ms", "≤ 400 ms", most <= 400),
        Row("  rate reached", f"{rate:.1f} a second", "20", rate >= 19),
        Row("  without the full score", f"{len(wrong)} of {len(answers)}", "0", not wrong),
    ]


def _rush(service: Service) -> list[Row]:
    before = sum(service.runs().values())
    found = service.upload(200, 5, to_the_score=False)
    answers = found["answers"]
    counts = Counter(answer["status"] for answer in answers)
    put_off = [answer for answer in answers if answer["status"] in (429, 503)]
    told = all(answer["retry_after"] for answer in put_off)
    understood = counts[201] + len(put_off) == len(answers) and told
    started = time.perf_counter()
    after = _until_graded(service)
    drained = time.perf_counter() - started
    kept = sum(after.values()) - before == counts[201] and after["graded"] == sum(after.values())
    again = service.upload(2, 5, to_the_score=True)["answers"]
    median = statistics.median(answer["seconds"] * 1000 for answer in again)
    said = ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))
    rate = len(answers) / found["span"]
    return [
        Row("200 uploads a second for 5 s", said, "201, 429 or 503 with a time", understood),
        Row("  rate answered", f"{rate:.0f} a second"),
        Row("  accepted and graded", f"{after['graded'] - before:.0f}", f"{counts[201]}", kept),
        Row("  the queue is empty after", f"{drained:.1f} s"),
        Row(
            "  then an upload to readable score",
            f"median {median:.0f} ms",
            "≤ 400 ms",
            median <= 400,
        ),
    ]


def _until_graded(service: Service) -> dict[str, float]:
    until = time.monotonic() + _MOST_SECONDS
    while True:
        found = service.runs()
        if not found["queued"] + found["running"] or time.monotonic() > until:
            return found
        time.sleep(0.5)


@contextmanager
def _serving() -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "GRADER_VAR_DIR": folder, "PORT": "0"}
        with (Path(folder) / "serve.log").open("w") as log:
            process = subprocess.Popen(
                [_GRADER, "serve", "--demo", "--no-class"],
                env=environment,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        try:
            yield Service(_url(process), _tokens(f"sqlite:///{folder}/grader.db"))
        finally:
            process.terminate()
            process.wait()


def _url(process: "subprocess.Popen[str]") -> str:
    said = ""
    if process.stdout is not None:
        while "curl " not in said and (line := process.stdout.readline()):
            said += line
    found = re.search(r"http://[\d.]+:\d+", said)
    if found is None:
        raise AssertionError(f"the server ended with {process.wait()}")
    return found[0]


def _tokens(url: str) -> list[str]:
    database = Database(url)
    names = [f"student-{number}" for number in range(_STUDENTS)]
    tokens = [create_token(database, name, Role.STUDENT) for name in names]
    database.close()
    return tokens
