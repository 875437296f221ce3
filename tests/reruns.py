"""A course whose suite is a table, so that tests of reruns need no sandbox to grade.

A submission is words; a case is right where its word is among them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import event

from grader.domain.people import Identity, Role
from grader.domain.releases import Snapshot
from grader.domain.rerun_changes import Change
from grader.domain.reruns import Rerun, Wanted
from grader.domain.runs import RunResult, RunStatus
from grader.domain.submissions import SubmissionView
from grader.domain.verdicts import CaseResult, Verdict
from grader.queue.reruns import end_reruns
from grader.storage import leases, runs
from grader.storage.runs import Claim
from grader.suite.folder import runtime
from grader.workflow.people import authenticate, create_token
from grader.workflow.releases import release
from grader.workflow.rerun_changes import ChangeListing, Which, list_changes
from grader.workflow.reruns import start_rerun
from grader.workflow.service import Place, Service
from grader.workflow.submissions import Listing, list_submissions, read_submission
from grader.workflow.uploads import Upload, submit
from tests.factories import a_case

HW4 = Place("demo", "hw4")
LEASE = timedelta(seconds=15)
Suite = Mapping[str, tuple[float, str]]
"""Case → its points, and the word that makes it right."""

FIRST: Suite = {"A": (60.0, "a"), "B": (40.0, "b")}
_TOML = 'title = "HW4 {}"\npartial_uploads = true\ncounts = "{}"\n[files]\n"loss.py" = "loss"\n'


@dataclass
class Course:
    """A course with one assignment, and a tutor."""

    service: Service
    rule: str = "best"
    suites: dict[str, Suite] = field(default_factory=dict)
    versions: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        """Release the first suite."""
        self.release(FIRST)
        secret = create_token(self.service.database, "tutor", Role.ASSISTANT, course="demo")
        self.tutor = authenticate(self.service, secret)

    def release(self, suite: Suite) -> str:
        """Release a suite and return its version."""
        toml = _TOML.format(next(self.versions), self.rule)
        snapshot = Snapshot("hw4", {"assignment.toml": toml.encode()}, runtime())
        release(self.service, snapshot, "a test")
        self.suites[snapshot.version] = suite
        return snapshot.version

    def student(self, name: str) -> Identity:
        """Return a student with a token of their own."""
        return authenticate(self.service, create_token(self.service.database, name, Role.STUDENT))

    def submit(self, student: str, words: str, *, graded: bool = True) -> int:
        """Let a student hand in words, graded at once."""
        upload = Upload([("loss.py", words.encode())], student)
        submission = submit(self.service, self.tutor, HW4, upload).submission.id
        if graded:
            self.work()
        return submission

    def claim(self, now: datetime | None = None) -> Claim | None:
        """Claim what is next."""
        moment = now or datetime.now(UTC)
        with self.service.database.writing() as session:
            return runs.claim(session, "worker", moment, moment + LEASE)

    def finish(self, held: Claim) -> bool:
        """Grade what is held."""
        with self.service.database.writing() as session:
            written = runs.finish(session, held, self.judge(held), datetime.now(UTC))
        end_reruns(self.service.database)
        return written

    def fail(self, held: Claim, why: str = "the suite raised") -> None:
        """Fail at what is held by our fault, as often as it takes."""
        moment = datetime.now(UTC)
        while self._failed_try(held, why, moment) is not RunStatus.FAILED:
            moment += timedelta(minutes=1)
            with self.service.database.writing() as session:
                leases.sweep(session, moment)  # on PostgreSQL it comes due by this
            again = self.claim(moment)
            assert again is not None
            assert again.run_id == held.run_id
            held = again
        end_reruns(self.service.database)

    def _failed_try(self, held: Claim, why: str, moment: datetime) -> RunStatus | None:
        with self.service.database.writing() as session:
            return runs.fail_try(session, held, why, moment)

    def work(self, most: int = 10_000) -> int:
        """Grade what is queued; return how many runs that were."""
        done = 0
        while done < most and (held := self.claim()):
            self.finish(held)
            done += 1
        return done

    def judge(self, held: Claim) -> RunResult:
        """Return what a suite says of words."""
        suite = self.suites[held.suite_version]
        words = held.files["loss.py"].decode().split()
        names = held.cases or tuple(suite)
        cases = tuple(_case(name, suite[name], words) for name in names)
        return RunResult(held.suite_version, held.seed, cases, seconds=0.01)

    def rerun(self, wanted: Wanted | None = None, key: str | None = None) -> Rerun:
        """Begin a rerun as the tutor."""
        return start_rerun(self.service, self.tutor, HW4, wanted or Wanted(), key)

    def changes(self, rerun: Rerun, which: Which = Which.CHANGED) -> list[Change]:
        """Return what a rerun changes."""
        return list_changes(self.service, self.tutor, rerun.id, ChangeListing(which))

    def view(self, submission: int) -> SubmissionView:
        """Return a submission as the tutor sees it."""
        return read_submission(self.service, self.tutor, submission)

    def scores(self) -> dict[int, float | None]:
        """Return the score of every submission as lists show them."""
        views = list_submissions(self.service, self.tutor, HW4, Listing(10_000))
        found = {view.submission.id: view.submission.score for view in views}
        return {key: score.points if score else None for key, score in sorted(found.items())}


@contextmanager
def counting_statements(course: Course) -> Iterator[list[str]]:
    """Give the list of the statements that the database is sent."""
    sent: list[str] = []

    def note(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    engine = course.service.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _case(name: str, case: tuple[float, str], words: list[str]) -> CaseResult:
    points, word = case
    if word in words:
        return a_case(name=name, points=points, max_points=points)
    return a_case(
        name=name,
        points=0.0,
        max_points=points,
        verdict=Verdict.WRONG_ANSWER,
        message=f"{word} is not among the words",
    )
