"""Runs one case to its result: the same way under the host and under plain pytest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.domain.verdicts import CaseResult, Verdict, Visibility
from grader.suite.answer import AnswerReader
from grader.suite.case import Case
from grader.suite.check import Check
from grader.suite.outcomes import CaseEnded, StudentError, WrongAnswer
from grader.suite.report import Report
from grader.suite.session import CaseSpec, Session, derived_seed
from grader.suite.submission import Submission


@dataclass(frozen=True)
class CaseMark:
    """The marker `case` of a test, checked."""

    name: str
    points: float
    file: str
    visibility: Visibility = Visibility.VISIBLE
    hint: str = ""
    seconds: float | None = None
    after: tuple[str, ...] = ()


@dataclass
class Turn:
    """A case's turn in a run, from its beginning to its result; what its test is handed."""

    session: Session
    mark: CaseMark
    case: Case = field(init=False)
    submission: Submission = field(init=False)
    report: Report = field(init=False)
    rng: np.random.Generator = field(init=False)
    check: Check = field(init=False)

    def __post_init__(self) -> None:
        """Begin the case."""
        seconds = self.mark.seconds or self.session.plan.assignment.limits.case_seconds
        visible = self.mark.visibility is Visibility.VISIBLE
        spec = CaseSpec(self.mark.name, self.mark.file, self.mark.points, visible, seconds)
        self.case = Case(self.session, spec)
        self.submission = Submission(self.case)
        self.report = Report(self.mark.points)
        self.rng = np.random.default_rng(derived_seed(self.session.seed, self.mark.name, "suite"))
        self.check = Check(AnswerReader())

    def run(self, test: Callable[[], Any]) -> CaseResult:
        """Run the test to its verdict; what is not the student's doing comes out as it is."""
        verdict, message = self._verdict(test)
        self.case.end()
        visible = self.case.spec.visible
        if visible:
            for note in self.report.notes:
                self.session.note(note)
        if verdict is not Verdict.ACCEPTED:
            lost = self.session.lost_files if visible else self.session.hidden_losses
            lost.add(self.mark.file)
        earned = self.mark.points if verdict is Verdict.ACCEPTED else 0.0
        return CaseResult(
            name=self.mark.name,
            file=self.mark.file,
            points=earned if self.report.partial is None else self.report.partial,
            max_points=self.mark.points,
            verdict=verdict,
            message=message,
            hint="" if verdict is Verdict.ACCEPTED else self.mark.hint,
            seconds=round(self.case.seconds, 6),
            output=self.case.output,
            visibility=self.mark.visibility,
            notes=tuple(self.report.notes),
            series=tuple(self.report.drawn),
        )

    def _verdict(self, test: Callable[[], Any]) -> tuple[Verdict, str]:
        try:
            if self.mark.file not in self.session.files:
                raise StudentError(Verdict.SKIPPED, f"{self.mark.file} was not handed in.")
            if self.case.cpu_seconds <= 0:
                limit = self.session.plan.assignment.limits.run_seconds
                raise StudentError(
                    Verdict.TIME_LIMIT, f"The {limit:g} s of the whole run were used up before."
                )
            test()
        except CaseEnded as ended:
            return ended.verdict, ended.message
        except AssertionError as error:
            return Verdict.WRONG_ANSWER, WrongAnswer(_own_words(error)).message
        return Verdict.ACCEPTED, ""


def _own_words(error: AssertionError) -> str:
    """Return the author's message, without what pytest's rewriting adds."""
    text = str(error).partition("\nassert ")[0]
    return "The answer is not right." if not text or text.startswith("assert ") else text
