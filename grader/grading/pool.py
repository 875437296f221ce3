"""Grades many runs on several cores, without a database: for the command line and the gate."""

import os
import queue
import threading
from collections.abc import Iterator, Sequence

from grader.domain.runs import RunRequest, RunResult
from grader.errors import GraderError, SandboxFailure, SandboxUnavailable
from grader.grading.slots import Slot, core_of

TRIES = 3


def grade_all(
    requests: Sequence[RunRequest], slots: int
) -> Iterator[tuple[int, RunResult | GraderError]]:
    """Yield (index, outcome) as each of `requests` is done, on up to `slots` cores.

    Raises:
        SandboxUnavailable: this machine lacks a layer that must hold.
    """
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, RunResult | GraderError]] = queue.SimpleQueue()
    for index in range(len(requests)):
        todo.put(index)
    stopping = threading.Event()

    def work(slot_index: int) -> None:
        core = core_of(slot_index, len(threads), os.sched_getaffinity(0))
        try:
            with Slot(slot_index, core) as slot:
                while not stopping.is_set():
                    index = todo.get_nowait()
                    done.put((index, grade_with_tries(slot, requests[index])))
        except queue.Empty:
            return
        except GraderError as error:
            done.put((-1, error))
        except Exception as error:  # noqa: BLE001  (the outermost frame of a thread; others wait for it)
            done.put((-1, GraderError(f"a slot ended by an error of ours: {error!r}")))

    threads = [
        threading.Thread(target=work, args=(index,)) for index in range(min(slots, len(requests)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in requests:
            index, outcome = done.get()
            if index < 0 and isinstance(outcome, GraderError):
                raise outcome
            yield index, outcome
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def grade_with_tries(slot: Slot, request: RunRequest) -> RunResult | GraderError:
    """Grade, again where a process of ours was lost; return the error after the last try."""
    for left in reversed(range(TRIES)):
        try:
            return slot.grade(request)
        except SandboxUnavailable:
            raise
        except SandboxFailure as error:
            if not left:
                return error
        except GraderError as error:
            return error
    raise AssertionError("unreachable")
