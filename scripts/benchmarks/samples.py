"""What the figures about HW4 are taken on."""

from pathlib import Path

from grader.domain.runs import RunRequest, RunResult
from grader.grading.folders import load_suite

ROOT = Path(__file__).resolve().parents[2]
_PRINTING = "    def _step(self):\n        print('x' * 20_000)\n"


def request(sample: str, seed: int = 1) -> RunRequest:
    """Return the request to grade a sample of HW4."""
    folder = ROOT / "submissions" / "hw4" / sample
    files = {path.name: path.read_bytes() for path in folder.glob("*.py")}
    return RunRequest(load_suite(ROOT / "reference" / "hw4"), files, seed)


def printing() -> RunRequest:
    """Return the plain sample with 20 kB printed in every step: in all else alike."""
    plain = request("accepted/plain")
    solver = plain.files["solver.py"].decode()
    noisy = solver.replace("    def _step(self):\n", _PRINTING).encode()
    if noisy == plain.files["solver.py"]:
        raise AssertionError("the plain sample has no _step to print in")
    return RunRequest(plain.suite, {**plain.files, "solver.py": noisy}, seed=1)


def full_marks(result: RunResult) -> RunResult:
    """Insist that a run was right: a fast wrong one is no figure."""
    if result.score.points != result.score.max_points:
        raise AssertionError(f"right files got {result.score}")
    return result
