"""The pytest plugin of suites: `submission`, `rng`, `check`, `report` and the marker `case`.

Under `pytest SUITE --submission PATH` it grades that path here; a suite host begins each case with
the session of a run.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.domain.assignments import Assignment
from grader.domain.verdicts import CaseResult, Verdict, Visibility
from grader.errors import GraderError, SandboxFailure
from grader.suite import running
from grader.suite.answer import AnswerReader
from grader.suite.check import Check
from grader.suite.judge import CaseMark, Turn
from grader.suite.ordering import in_order
from grader.suite.plan import Plan
from grader.suite.report import Report
from grader.suite.session import Session
from grader.suite.submission import Submission

PLAN = pytest.StashKey[Plan]()
MARK = pytest.StashKey[CaseMark]()
TURN = pytest.StashKey[Turn]()
OUTCOME = pytest.StashKey[CaseResult | SandboxFailure]()
_ARGUMENTS = ("submission", "rng", "check", "report")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of plain use."""
    group = parser.getgroup("grader", "grading a submission")
    group.addoption(
        "--submission", type=Path, help="a folder, zip or file to grade with this suite"
    )
    group.addoption("--seed", type=int, default=0, help="the seed that inputs are drawn from (0)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "case(name, points, file, visibility='visible', hint='', seconds=None, after=()): "
        "one question of an assignment",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read every marker, and put cases behind those whose verdicts they need."""
    cases = [item for item in items if item.get_closest_marker("case")]
    for item in cases:
        item.stash[MARK] = read_mark(item)
    items[:] = [item for item in items if item not in cases] + in_order(
        cases, lambda item: item.stash[MARK]
    )


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object | None:
    """Run a case to its result; under plain pytest, say it in pytest's words."""
    turn = pyfuncitem.stash.get(TURN, None)
    if turn is None:
        return None
    names = pyfuncitem._fixtureinfo.argnames  # as pytest's own hook does; it has no public name
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    try:
        result = turn.run(lambda: pyfuncitem.obj(**arguments))
    except SandboxFailure as lost:
        pyfuncitem.stash[OUTCOME] = lost
        raise
    pyfuncitem.stash[OUTCOME] = result
    if pyfuncitem.config.getoption("submission"):
        _say(result)
    return True


def read_mark(item: pytest.Item) -> CaseMark:
    """Return the checked marker of a case.

    Raises:
        pytest.UsageError: it is not as it must be.
    """
    marker = item.get_closest_marker("case")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid} has no marker case")
    try:
        fields: dict[str, Any] = {
            **dict(zip(("name", "points", "file"), marker.args, strict=False)),
            **marker.kwargs,
        }
        fields["visibility"] = Visibility(fields.get("visibility", "visible"))
        fields["after"] = tuple(fields.get("after", ()))
        fields["hint"] = fields.get("hint") or _first_paragraph(item)
        fields["points"] = float(fields["points"])
        if fields["points"] < 0:
            raise ValueError("points below 0")
        return CaseMark(**fields)
    except (KeyError, TypeError, ValueError) as error:
        raise pytest.UsageError(f"the marker case of {item.nodeid} is wrong: {error}") from None


def _first_paragraph(item: pytest.Item) -> str:
    """Return how the docstring of a case begins: its author's words for what is asked."""
    document = inspect.getdoc(getattr(item, "obj", None)) or ""
    return " ".join(document.split("\n\n")[0].split())


def _say(result: CaseResult) -> None:
    if result.verdict is Verdict.SKIPPED:
        pytest.skip(result.message)
    if result.verdict is not Verdict.ACCEPTED:
        pytest.fail(f"{result.name}: {result.verdict}\n{result.message}", pytrace=False)


@pytest.fixture(scope="session")
def _plan(pytestconfig: pytest.Config) -> Plan:
    if PLAN in pytestconfig.stash:
        return pytestconfig.stash[PLAN]
    from grader.suite.plain import plan_of  # here: a host starts sooner without it

    return plan_of(
        Path(pytestconfig.invocation_params.dir), [Path(arg) for arg in pytestconfig.args]
    )


@pytest.fixture(scope="session")
def _plain_session(pytestconfig: pytest.Config, _plan: Plan) -> Iterator[Session | None]:
    path = pytestconfig.getoption("submission")
    if path is None:
        yield None
        return
    from grader.suite.plain import session_of  # here, as above

    try:
        with session_of(_plan, path, pytestconfig.getoption("seed")) as session:
            yield session
    except GraderError as error:
        pytest.exit(str(error), returncode=3)


def begin(item: pytest.Item, session: Session) -> dict[str, object]:
    """Begin a case under a host; return the arguments that need no fixture then.

    To have pytest make each of them takes some milliseconds a run.
    """
    names = getattr(item, "fixturenames", ())
    if "_turn" not in names:
        return {}
    turn = item.stash[TURN] = Turn(session, item.stash[MARK])
    ours = {
        name: getattr(turn, name)
        for name in _ARGUMENTS
        if name in names and not running.is_overridden(item, name, __name__)
    }
    return {"_turn": turn, **ours}


@pytest.fixture
def _turn(request: pytest.FixtureRequest) -> Turn:
    turn: Turn | None = request.node.stash.get(TURN, None)
    if turn is not None:
        return turn
    session = request.getfixturevalue("_plain_session")
    if session is None:
        pytest.skip("no submission to grade: give one with --submission PATH")
    turn = Turn(session, request.node.stash[MARK])
    request.node.stash[TURN] = turn
    return turn


@pytest.fixture
def submission(_turn: Turn) -> Submission:
    """Return the student's modules."""
    return _turn.submission


@pytest.fixture
def report(_turn: Turn) -> Report:
    """Return where notes, partial points and series go."""
    return _turn.report


@pytest.fixture
def rng(_turn: Turn) -> np.random.Generator:
    """Return the generator of this case's inputs, from the run's seed and the case's name."""
    return _turn.rng


@pytest.fixture
def check() -> Check:
    """Return the comparisons."""
    return Check(AnswerReader())


@pytest.fixture(scope="session")
def assignment(_plan: Plan) -> Assignment:
    """Return what assignment.toml says."""
    return _plan.assignment


@pytest.fixture(scope="session")
def assignment_folder(_plan: Plan) -> Path:
    """Return the assignment's folder."""
    return _plan.folder
