"""What a decision about a rerun does, said in numbers before it is taken."""

from collections.abc import Iterator

from grader.domain.rerun_changes import Totals
from grader.domain.rerun_effects import Effect, Undoing
from grader.domain.reruns import Only


def several(number: int, one: str, many: str = "") -> str:
    """Say how many there are; `many` where an s does not make it of `one`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def applying(effect: Effect, only: Only) -> Iterator[str]:
    """Say what applying does."""
    if effect.moved:
        moved = several(effect.moved, "submission gets its", "submissions get their")
        yield f"{moved} new result."
    else:
        yield "No score moves."
    if students := students_in(effect.totals):
        yield f"By the score that counts, {students}."
    if effect.same:
        same = several(effect.same, "comes out as before and is", "come out as before and are")
        yield f"{same} stale no more."
    if only is Only.INCREASES and effect.kept:
        kept = several(effect.kept, "that does not go up stays", "that do not go up stay")
        yield f"{kept} as now."
    yield from left_alone(effect.totals)


def undoing(undone: Undoing) -> Iterator[str]:
    """Say what taking back does."""
    if undone.moved:
        moved = several(undone.moved, "submission gets its", "submissions get their")
        yield f"{moved} earlier result back."
    else:
        yield "No score moves."
    if undone.same:
        same = several(undone.same, "that came out as before is", "that came out as before are")
        yield f"{same} again by the earlier suite version."
    if undone.left:
        left = several(
            undone.left,
            "stays as it is: something newer speaks for it",
            "stay as they are: something newer speaks for them",
        )
        yield f"{left}."


def left_alone(totals: Totals) -> Iterator[str]:
    """Say what is not applied, and why."""
    if totals.superseded:
        newer = several(
            totals.superseded,
            "submission is left alone: something newer came in for it meanwhile",
            "submissions are left alone: something newer came in for them meanwhile",
        )
        yield f"{newer}."
    if totals.failed:
        failed = several(
            totals.failed,
            "submission could not be graded, by our fault, and keeps its score",
            "submissions could not be graded, by our fault, and keep their scores",
        )
        yield f"{failed}."


def students_in(totals: Totals) -> str:
    """Say how many students gain, lose and cross the pass mark; nothing where none does."""
    counts = (
        (totals.gain, "student gains", "students gain"),
        (totals.lose, "student loses", "students lose"),
        (totals.newly_passing, "newly passes", "newly pass"),
        (totals.newly_failing, "no longer passes", "no longer pass"),
    )
    said = [several(number, one, many) for number, one, many in counts if number]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
