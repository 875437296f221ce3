"""The class of the demo course: who they are, what they handed in and when."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from grader.domain.assignments import Assignment
from grader.storage.runs import UPLOAD
from grader.workflow.samples import PastAttempt

_SEED = 4  # the same class each time
_ATTEMPTS, _OF_TEN = (1, 2, 3, 4), (4, 3, 2, 1)  # how many of ten students hand in so often
_WEEKS = timedelta(weeks=4)
_JUST_NOW = timedelta(minutes=20)


@dataclass(frozen=True)
class Group:
    """Samples that make up `share` in a hundred attempts."""

    share: float
    samples: tuple[str, ...]


@dataclass(frozen=True)
class ClassPlan:
    """What `class.toml` says, and what each sample is expected to earn."""

    folder: Path
    demo_student: tuple[str, ...]
    groups: tuple[Group, ...]
    scores: Mapping[str, float]


def read_class(folder: Path) -> ClassPlan | None:
    """Read the class of the samples in `folder`, if there is one."""
    if not (folder / "class.toml").is_file():
        return None
    said = tomllib.loads((folder / "class.toml").read_text(encoding="utf-8"))
    expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    return ClassPlan(
        folder=folder,
        demo_student=tuple(said["demo_student"]["attempts"]),
        groups=tuple(Group(group["share"], tuple(group["samples"])) for group in said["groups"]),
        scores={name: entry.get("score", 0.0) for name, entry in expected.items()},
    )


def past_attempts(
    plan: ClassPlan, assignment: Assignment, names: Sequence[str], demo_student: str, now: datetime
) -> list[PastAttempt]:
    """Return what the class handed in during the weeks before `now`, in the order of time."""
    draw = random.Random(_SEED)  # noqa: S311  # nothing here is to be kept from anybody
    attempts = []
    for name, samples in deal(plan, names, draw).items():
        moments = _moments(assignment, now - _JUST_NOW, len(samples), draw)
        for sample, moment in zip(samples, moments, strict=True):
            attempts.append(PastAttempt(name, moment, _parts(plan, assignment, sample)))
    for back, sample in enumerate(reversed(plan.demo_student)):
        moment = now - _JUST_NOW * (1 + 3 * back)
        parts = _parts(plan, assignment, sample)
        # Their page is the first that is looked at: graded before the class.
        attempts.append(PastAttempt(demo_student, moment, parts, UPLOAD))
    return sorted(attempts, key=lambda attempt: attempt.created_at)


def deal(plan: ClassPlan, names: Sequence[str], draw: random.Random) -> dict[str, list[str]]:
    """Return the samples that each student hands in, from their worst to their best."""
    often = {name: draw.choices(_ATTEMPTS, _OF_TEN)[0] for name in names}
    pile = _pile(plan.groups, sum(often.values()), draw)
    dealt = {}
    for name, count in often.items():
        taken = [pile.pop() for _ in range(count)]
        dealt[name] = sorted(taken, key=lambda sample: plan.scores[sample])
    return dealt


def _pile(groups: Sequence[Group], size: int, draw: random.Random) -> list[str]:
    """Return shuffled samples, of each group its share to the nearest whole one."""
    whole = sum(group.share for group in groups)
    pile: list[str] = []
    reached = 0.0
    for group in groups:
        reached += group.share * size / whole
        for turn in range(round(reached) - len(pile)):
            pile.append(group.samples[turn % len(group.samples)])
    draw.shuffle(pile)
    return pile


def _moments(
    assignment: Assignment, until: datetime, count: int, draw: random.Random
) -> list[datetime]:
    """Return moments in order, after the assignment opened if it has, the later the more."""
    until = min(until, assignment.due or until)
    since = until - _WEEKS
    if assignment.opens is not None and assignment.opens < until:
        since = max(since, assignment.opens)
    return sorted(since + (until - since) * draw.betavariate(2, 1) for _ in range(count))


def _parts(plan: ClassPlan, assignment: Assignment, sample: str) -> list[tuple[str, bytes]]:
    paths = (plan.folder / sample / name for name in assignment.files)
    return [(path.name, path.read_bytes()) for path in paths if path.is_file()]
