"""A process of ours that dies in the middle of a run: the run ends graded, and nothing stays."""

import os
import signal
from collections.abc import Callable
from threading import Thread

import pytest

from grader.domain.runs import RunRequest, RunResult, SuiteFolder
from grader.domain.verdicts import Verdict
from grader.errors import SandboxFailure
from grader.grading.pool import grade_all, grade_with_tries
from grader.grading.slots import Slot
from grader.sandbox.inside.zygote import RESERVE
from tests.assignments import RIGHT, RIGHT_HELPER, handed_in
from tests.processes import alive, children_of, cpu_seconds, descendants_of, wait_for
from tests.results import content_of

# Busy long enough to be found at work, and well within the limit of half a second.
BUSY = (
    "import time\n\n\ndef answer(x):\n"
    "    while time.process_time() < 0.25: pass\n    return 2 * x\n"
)


def busy_child(slot: Slot) -> int | None:
    """Return the child that is at work."""
    zygote = slot.process_ids.get("zygote", 0)
    return next((pid for pid in children_of(zygote) if cpu_seconds(pid) >= 0.05), None)


def host_of(slot: Slot) -> int:
    """Return the suite host."""
    (pid,) = (pid for name, pid in slot.process_ids.items() if name.startswith("host"))
    return pid


VICTIMS: dict[str, Callable[[Slot], int]] = {
    "child": lambda slot: busy_child(slot) or 0,
    "judge": lambda slot: min(children_of(host_of(slot))),
    "judge that waits": lambda slot: max(children_of(host_of(slot))),
    "host": host_of,
    "zygote": lambda slot: slot.process_ids["zygote"],
}


class Killer(Thread):
    """Kills a process of a slot as soon as a child is at work."""

    def __init__(self, slot: Slot, victim: Callable[[Slot], int]) -> None:
        super().__init__()
        self._slot, self._victim = slot, victim
        self.killed = 0

    def run(self) -> None:
        """Wait, and kill."""
        wait_for(lambda: busy_child(self._slot), "a child at work")
        self.killed = self._victim(self._slot)
        os.kill(self.killed, signal.SIGKILL)


def graded_while_killed(
    slot: Slot, request: RunRequest, victim: Callable[[Slot], int]
) -> tuple[RunResult, int]:
    killer = Killer(slot, victim)
    killer.start()
    outcome = grade_with_tries(slot, request)
    killer.join()
    assert isinstance(outcome, RunResult), outcome
    return outcome, killer.killed


@pytest.mark.parametrize("victim", VICTIMS)
def test_run_in_which_a_process_is_killed_ends_graded_as_any_other(
    victim: str, doubling: SuiteFolder
) -> None:
    request = RunRequest(doubling, handed_in(BUSY, RIGHT_HELPER), seed=1)
    with Slot() as slot:
        result, killed = graded_while_killed(slot, request, VICTIMS[victim])

        undisturbed = slot.grade(request)
    assert killed > 0
    assert content_of(result) == content_of(undisturbed)
    assert result.score.points == 100.0


@pytest.mark.parametrize("victim", VICTIMS)
def test_nothing_stays_behind_of_a_slot_in_which_a_process_was_killed(
    victim: str, doubling: SuiteFolder
) -> None:
    request = RunRequest(doubling, handed_in(BUSY), seed=1)
    before = descendants_of(os.getpid())

    with Slot() as slot:
        graded_while_killed(slot, request, VICTIMS[victim])

    assert descendants_of(os.getpid()) <= before


def test_child_that_was_killed_from_outside_is_our_failure_and_not_the_student_s(
    doubling: SuiteFolder,
) -> None:
    request = RunRequest(doubling, handed_in(BUSY), seed=1)
    with Slot() as slot:
        killer = Killer(slot, VICTIMS["child"])
        killer.start()

        with pytest.raises(SandboxFailure, match="killed from outside"):
            slot.grade(request)

        killer.join()


def test_process_that_died_between_two_runs_is_replaced_at_the_next(doubling: SuiteFolder) -> None:
    request = RunRequest(doubling, handed_in(), seed=1)
    with Slot() as slot:
        slot.grade(request)
        old = set(slot.process_ids.values())
        for pid in old:
            os.kill(pid, signal.SIGKILL)

        outcome = grade_with_tries(slot, request)

        assert isinstance(outcome, RunResult)
        assert not old & set(slot.process_ids.values())


def test_no_process_and_no_zombie_is_left_of_a_slot(doubling: SuiteFolder) -> None:
    before = descendants_of(os.getpid())

    with Slot() as slot:
        slot.grade(RunRequest(doubling, handed_in(), seed=1))
        during = descendants_of(os.getpid()) - before

    assert len(during) >= 2
    assert not any(alive(pid) for pid in during)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def answer(x):\n    while True: pass\n", id="endless loop"),
        pytest.param("import os\n\n\ndef answer(x):\n    os._exit(0)\n", id="ended itself"),
        pytest.param(RIGHT, id="right"),
    ],
)
def test_children_of_a_run_are_gone_when_it_is_graded(
    source: str, slot: Slot, doubling: SuiteFolder
) -> None:
    request = RunRequest(doubling, handed_in(source), seed=1)
    slot.grade(request)
    zygote = slot.process_ids["zygote"]
    ready = set(children_of(zygote))

    slot.grade(request)

    wait_for(lambda: not ready <= set(children_of(zygote)), "the end of the child that was ready")
    wait_for(lambda: len(children_of(zygote)) <= RESERVE, "the end of all of the run's children")


def test_pool_grades_all_on_two_slots(doubling: SuiteFolder) -> None:
    wrong = "def answer(x):\n    return x\n"
    sources = [RIGHT, wrong, "def (", RIGHT]
    requests = [RunRequest(doubling, handed_in(source), seed=1) for source in sources]

    outcomes = dict(grade_all(requests, slots=2))

    results = [outcomes[index] for index in range(4)]
    verdicts = [r.cases[0].verdict for r in results if isinstance(r, RunResult)]
    assert verdicts == [
        Verdict.ACCEPTED,
        Verdict.WRONG_ANSWER,
        Verdict.RUNTIME_ERROR,
        Verdict.ACCEPTED,
    ]


def test_pool_left_early_leaves_no_process(doubling: SuiteFolder) -> None:
    before = descendants_of(os.getpid())
    requests = [RunRequest(doubling, handed_in(), seed=seed) for seed in range(8)]

    outcomes = grade_all(requests, slots=2)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]

    assert descendants_of(os.getpid()) <= before
