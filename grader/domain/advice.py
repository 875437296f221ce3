"""What to fix first: lost cases gathered by mistake, in the order in which a student gets on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.domain.verdicts import CaseResult, Verdict


@dataclass(frozen=True)
class Mistake:
    """What one mistake costs: cases of one file that were lost with one message."""

    file: str
    message: str
    cases: tuple[CaseResult, ...]
    whole_file: bool  # no case of the file gets further than this

    @property
    def points(self) -> float:
        """The points to win back."""
        return round(sum(case.max_points - case.points for case in self.cases), 6)

    @property
    def missing(self) -> bool:
        """Whether the file was not handed in."""
        return all(case.verdict is Verdict.SKIPPED for case in self.cases)


def mistakes(cases: Sequence[CaseResult], files: Iterable[str]) -> tuple[Mistake, ...]:
    """Return the mistakes that cost points, the first to fix first.

    A file that does not run at all hides what else is wrong with it, so it goes before wrong
    answers. Then in the order of `files`, the assignment's, and of the suite, which asks for the
    forward pass before the backward one. A missing file is work to do, not a mistake: it goes last.
    """
    gathered: dict[tuple[str, str], list[CaseResult]] = {}
    for case in cases:
        if case.points < case.max_points:
            gathered.setdefault((case.file, case.message), []).append(case)
    of_file = {case.file: 0 for case in cases}
    for case in cases:
        of_file[case.file] += 1
    found = [
        Mistake(file, message, tuple(lost), _stops(lost) and len(lost) == of_file[file] > 1)
        for (file, message), lost in gathered.items()
    ]
    places = {name: place for place, name in enumerate(files)}
    return tuple(sorted(found, key=lambda mistake: _rank(mistake, places)))


def _stops(lost: Iterable[CaseResult]) -> bool:
    """Whether these cases ended before anything could be compared."""
    compared = (Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.SKIPPED)
    return all(case.verdict not in compared for case in lost)


def _rank(mistake: Mistake, places: dict[str, int]) -> tuple[bool, bool, int]:
    return mistake.missing, not mistake.whole_file, places.get(mistake.file, len(places))
