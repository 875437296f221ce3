"""What came out otherwise between two runs, case by case."""

from collections.abc import Collection
from dataclasses import dataclass

from grader.domain.verdicts import CaseResult, Verdict


@dataclass(frozen=True)
class CaseChange:
    """A case that came out otherwise; None where it is not in that run."""

    name: str
    before: CaseResult | None
    after: CaseResult | None

    @property
    def file(self) -> str:
        """Return the file that the case is about."""
        found = self.after or self.before
        return found.file if found else ""


def case_changes(
    before: Collection[CaseResult], after: Collection[CaseResult]
) -> tuple[CaseChange, ...]:
    """Return the cases that differ in verdict or points, in the order of the later run."""
    old = {case.name: case for case in before}
    new = {case.name: case for case in after}
    return tuple(
        CaseChange(name, old.get(name), new.get(name))
        for name in dict.fromkeys([*new, *old])
        if _said(old.get(name)) != _said(new.get(name))
    )


def _said(case: CaseResult | None) -> tuple[Verdict, float, float] | None:
    return None if case is None else (case.verdict, case.points, case.max_points)
