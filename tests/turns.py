"""Runs a case of a test's own on a child of a zygote, without a host."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from grader.domain.runs import SuiteFolder
from grader.domain.verdicts import CaseResult
from grader.sandbox.lease import Lease
from grader.sandbox.zygote import Zygote
from grader.suite.judge import CaseMark, Turn
from grader.suite.plan import make_plan
from grader.suite.session import Session
from grader.suite.submission import Submission


@contextmanager
def session_on(zygote: Zygote, suite: SuiteFolder, files: Mapping[str, bytes]) -> Iterator[Session]:
    """Give a run's session, and end its children."""
    plan = make_plan(suite.assignment, suite.path)
    session = Session(Lease(zygote.lease()), plan, files, seed=1)
    yield session
    session.close()


def run_case(
    session: Session, test: Callable[[Submission], None], name: str = "Case"
) -> CaseResult:
    """Run `test` as a case of `answer.py`."""
    turn = Turn(session, CaseMark(name, 10.0, "answer.py"))
    return turn.run(lambda: test(turn.submission))
