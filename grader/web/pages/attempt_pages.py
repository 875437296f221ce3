"""A list of attempts that stays readable: page by page, the one that counts always among them."""

from dataclasses import dataclass

from grader.domain.assignments import Counts
from grader.domain.attempts import Attempt, Attempts

ON_A_PAGE = 25


@dataclass(frozen=True)
class AttemptPage:
    """A page of attempts, newest first; `counted` is the one that counts where it is elsewhere."""

    made: tuple[Attempt, ...]
    counted: Attempt | None
    number: int
    pages: int

    @property
    def newer(self) -> int | None:
        """Return the number of the page before this one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def older(self) -> int | None:
        """Return the number of the page after this one."""
        return self.number + 1 if self.number < self.pages else None


def attempt_page(attempts: Attempts, number: int) -> AttemptPage:
    """Return a page of attempts, the last where there are not so many."""
    pages = max(1, -(-len(attempts.made) // ON_A_PAGE))
    number = min(max(number, 1), pages)
    made = attempts.made[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    elsewhere = attempts.counts if attempts.counts not in made else None
    return AttemptPage(made, elsewhere, number, pages)


def why_it_counts(attempts: Attempts) -> str:
    """Say which attempt counts, and by which rule."""
    counts = attempts.counts
    if counts is None:
        return "No attempt is graded yet, so none counts."
    if attempts.assignment.counts is Counts.LAST:
        return f"Attempt {counts.number} counts: it is the last that was graded."
    equal = sum(each.graded and each.points == counts.points for each in attempts.made) > 1
    first = ", and of equal ones the first counts" if equal else ""
    return f"Attempt {counts.number} counts: its {counts.points:g} points are the most{first}."
