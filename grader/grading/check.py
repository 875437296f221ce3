"""The release gate: a suite must judge solution, starter, mutants and samples as is expected."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.domain.runs import RunRequest, RunResult, SuiteFolder
from grader.domain.verdicts import CaseResult, Verdict
from grader.errors import AssignmentError, GraderError
from grader.grading.pool import grade_all, grade_with_tries
from grader.grading.slots import Slot

_SEEDS = (1, 1, 2)  # twice alike, and once drawn otherwise


@dataclass(frozen=True)
class Expectation:
    """What a submission must get; what is None or empty is not asked."""

    score: float | None = None
    min_score: float | None = None
    max_score: float | None = None
    lost: tuple[str, ...] | None = None
    says: Mapping[str, str] = field(default_factory=dict)  # case -> what stands in its message
    note: str = ""  # what stands in one of the notes
    must_not: tuple[str, ...] = ()  # what stands nowhere in the result
    why: str = ""  # for those who read the toml


@dataclass(frozen=True)
class Checked:
    """One thing that was checked; `problems` is empty where it is as it must be."""

    name: str
    problems: tuple[str, ...]


def check_suite(
    suite: SuiteFolder, mutants: Path, samples: Path | None, slots: int
) -> Iterator[Checked]:
    """Check a suite; yield what was checked, as it is done.

    Raises:
        SuiteFailure: the suite cannot be collected.
        AssignmentError: its solution lacks a file, or an `expected.toml` is not as it must be.
    """
    with Slot() as slot:
        yield _markers(suite, slot)
    named = _own(suite) + _folders(suite, mutants, "mutant ", _solution(suite))
    if samples is not None:
        named += _folders(suite, samples, "", {})
    requests = [RunRequest(suite, files, seed) for _name, files, _expected, seed in named]
    twice: list[RunResult] = []
    for index, outcome in grade_all(requests, slots):
        name, _files, expected, seed = named[index]
        yield _compared(name, outcome, expected)
        if isinstance(outcome, RunResult) and name == "solution" and seed == _SEEDS[0]:
            twice.append(outcome)
    if len(twice) == 2:
        yield Checked("solution twice alike", tuple(_unlike(*twice)))


def check_quickly(suite: SuiteFolder, slot: Slot) -> Iterator[Checked]:
    """Check what a suite must hold at the least, in the time of two runs: markers and its own.

    Raises:
        SuiteFailure: the suite cannot be collected.
        AssignmentError: its solution lacks a file.
    """
    yield _markers(suite, slot)
    for name, files, expected, seed in {each[0]: each for each in _own(suite)}.values():
        outcome = grade_with_tries(slot, RunRequest(suite, files, seed))
        yield _compared(name, outcome, expected)


def _compared(name: str, outcome: RunResult | GraderError, expected: Expectation) -> Checked:
    if isinstance(outcome, GraderError):
        return Checked(name, (f"has no score: {outcome}",))
    return Checked(name, tuple(differences(outcome, expected)))


def differences(result: RunResult, expected: Expectation) -> Iterator[str]:
    """Yield each way in which a result is not as expected."""
    points = result.score.points
    if expected.score is not None and points != expected.score:
        yield f"score {points:g} instead of {expected.score:g}"
    if expected.min_score is not None and points < expected.min_score:
        yield f"score {points:g}, below {expected.min_score:g}"
    if expected.max_score is not None and points > expected.max_score:
        yield f"score {points:g}, above {expected.max_score:g}"
    cases = {case.name: case for case in result.cases}
    yield from _lost(cases, expected)
    for name, words in expected.says.items():
        if name not in cases or words.lower() not in cases[name].message.lower():
            yield f"{name} does not say {words!r}" + (
                f" but {cases[name].message!r}" if name in cases else ""
            )
    if expected.note and not any(expected.note.lower() in note.lower() for note in result.notes):
        yield f"no note says {expected.note!r}; notes: {list(result.notes)}"
    shown = "\n".join((*result.notes, *(f"{case.message}\n{case.output}" for case in result.cases)))
    yield from (f"the result holds {words!r}" for words in expected.must_not if words in shown)


def _lost(cases: Mapping[str, CaseResult], expected: Expectation) -> Iterator[str]:
    if expected.lost is None:
        return
    lost = {name for name, case in cases.items() if case.verdict is not Verdict.ACCEPTED}
    for name in sorted(lost - set(expected.lost)):
        yield f"lost {name} ({cases[name].verdict}: {cases[name].message})"
    for name in sorted(set(expected.lost) - lost):
        yield f"did not lose {name}"


def _unlike(first: RunResult, second: RunResult) -> Iterator[str]:
    for one, other in zip(first.cases, second.cases, strict=True):
        kept = [
            (case.verdict, case.points, case.message, case.output, case.series)
            for case in (one, other)
        ]
        if kept[0] != kept[1]:
            yield f"{one.name} came out differently with the same seed"


def _markers(suite: SuiteFolder, slot: Slot) -> Checked:
    cases = slot.cases(suite)
    problems = []
    if (total := sum(float(case["points"]) for case in cases)) != 100:
        problems.append(f"the points add up to {total:g}, not 100")
    names = [str(case["name"]) for case in cases]
    problems += [
        f"two cases are named {name}" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    known = suite.assignment.files
    problems += [
        f"{case['name']} is about {case['file']}, no file of it"
        for case in cases
        if case["file"] not in known
    ]
    return Checked("markers", tuple(problems))


Named = tuple[str, Mapping[str, bytes], Expectation, int]


def _own(suite: SuiteFolder) -> list[Named]:
    solution, starter = _solution(suite), _files(suite, suite.path / "starter")
    named: list[Named] = [
        ("solution", solution, Expectation(score=100, lost=()), seed) for seed in _SEEDS
    ]
    return [*named, ("starter", starter, Expectation(score=0), 1)]


def _solution(suite: SuiteFolder) -> dict[str, bytes]:
    files = _files(suite, suite.path / "solution")
    if missing := suite.assignment.files.keys() - files.keys():
        raise AssignmentError(f"the solution lacks {', '.join(sorted(missing))}")
    return files


def _folders(suite: SuiteFolder, root: Path, label: str, base: Mapping[str, bytes]) -> list[Named]:
    path = root / "expected.toml"
    if not path.is_file():
        return []
    try:
        tables: dict[str, dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(
            f"{path.parent.name}/{path.name} is not valid TOML: {error}"
        ) from error
    named: list[Named] = []
    for name, table in tables.items():
        if not (root / name).is_dir():
            raise AssignmentError(
                f"{path.parent.name}/{path.name} speaks of {name}, which is no folder beside it"
            )
        named.append(
            (f"{label}{name}", {**base, **_files(suite, root / name)}, _expectation(name, table), 1)
        )
    return named


def _expectation(name: str, table: Mapping[str, Any]) -> Expectation:
    lists = {key: tuple(table[key]) for key in ("lost", "must_not") if key in table}
    try:
        return Expectation(**{**table, **lists})
    except TypeError as error:
        raise AssignmentError(f"what is expected of {name} is wrong: {error}") from error


def _files(suite: SuiteFolder, folder: Path) -> dict[str, bytes]:
    names: Sequence[str] = [name for name in suite.assignment.files if (folder / name).is_file()]
    return {name: (folder / name).read_bytes() for name in names}
