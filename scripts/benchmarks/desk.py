"""The pages of staff for a big class: time at the server, and questions to the database."""

import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from sqlalchemy import Engine, event

from grader.domain.people import Grant, Role
from grader.grading.folders import take_snapshot
from grader.queue.releases import Releases
from grader.storage import migrations
from grader.storage.database import Database
from grader.web.app import create_app
from grader.workflow.releases import release
from grader.workflow.service import Service
from grader.workflow.sign_in import make_link, sign_in_by_link
from scripts.benchmarks import big_class, big_rerun, samples
from scripts.benchmarks.table import Row, seconds_of, spread

_CLASSES = ((500, 5_000), (2_000, 40_000))
_REPEATS = 9
_MOST_MS, _MOST_QUESTIONS = 200, 15
_ASSIGNMENT = "/courses/demo/assignments/hw4"
_API = f"/api/v1{_ASSIGNMENT}"
# Every page of staff stands here, each with the address that costs it most.
_PAGES = {
    "overview": _ASSIGNMENT,
    "gradebook": f"{_ASSIGNMENT}/gradebook",
    "  last page by a case": f"{_ASSIGNMENT}/gradebook?sort=case:BCEBackwardTest&page=10",
    "  who lost a case": f"{_ASSIGNMENT}/gradebook?case=ClassifierBackwardTest&sort=-score",
    "student": f"{_ASSIGNMENT}/students/student%200001",
    "submission": "/submissions/4000",
    "reruns": f"{_ASSIGNMENT}/reruns",
    "roster": "/courses/demo/roster?assignment=hw4",
    "workers": "/workers?assignment=demo%2Fhw4",
    "API: roster, 500 people": "/api/v1/courses/demo/roster?limit=500",
    "rerun of all, to be decided": f"{_ASSIGNMENT}/reruns/1",
    "  of a case, who loses": f"{_ASSIGNMENT}/reruns/1?which=lose&case=BCEBackwardTest",
    "API: statistics": f"{_API}/statistics",
    "API: gradebook, 100 students": f"{_API}/gradebook",
    "API: Canvas CSV, all students": f"{_API}/gradebook.canvas.csv",
}


def rows() -> list[Row]:
    """Measure every page of staff for each class."""
    found = []
    for students, submissions in _CLASSES:
        with _class(students, submissions) as client:
            title = f"pages of staff: {students:,} students, {submissions:,} submissions"
            found.append(Row(title, ""))
            found += [_measured(client, name, address) for name, address in _PAGES.items()]
    return found


def _measured(client: httpx.Client, name: str, address: str) -> Row:
    questions: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        questions.append(statement)

    def ask() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise AssertionError(f"{address} answers {answer.status_code}")

    ask()
    event.listen(Engine, "before_cursor_execute", note)
    times, used, asked = [], [], []
    for _ in range(_REPEATS):
        questions.clear()
        started = time.process_time()
        times.append(seconds_of(ask) * 1000)
        used.append((time.process_time() - started) * 1000)
        asked.append(len(questions))
    event.remove(Engine, "before_cursor_execute", note)
    median, cpu, most = statistics.median(times), statistics.median(used), max(asked)
    return Row(
        f"  {name}",
        f"{spread(times)}, {cpu:.0f} ms of CPU, {most} questions",
        f"≤ {_MOST_MS} ms, ≤ {_MOST_QUESTIONS}",
        median <= _MOST_MS and most <= _MOST_QUESTIONS,
    )


@contextmanager
def _class(students: int, submissions: int) -> Iterator[httpx.Client]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/grader.db")
        migrations.migrate(database)
        service = Service(database, Releases(database, Path(folder) / "suites"))
        release(service, take_snapshot(samples.ROOT / "reference" / "hw4"), "a benchmark")
        version = service.suites["demo", "hw4"].version
        place = big_class.Place("demo", "hw4", version)
        big_class.fill(database, place, students, submissions)
        big_rerun.propose(database, place)
        link = make_link(database, Grant("tutor", Role.INSTRUCTOR, "demo"))
        cookies = {"grader_session": sign_in_by_link(service, link)}
        with (
            _served(service) as url,
            httpx.Client(base_url=url, cookies=cookies, timeout=60) as client,
        ):
            yield client
        database.close()


@contextmanager
def _served(service: Service) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(create_app(service), log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()
