"""A zygote's children: whose they are, and that they end with whom they serve."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import SandboxFailure
from grader.sandbox.inside.zygote import RESERVE
from grader.sandbox.lease import Lease, Process
from grader.sandbox.zygote import Zygote
from tests.processes import alive, children_of, wait_for

MEMORY, CPU_SECONDS = 256 << 20, 20
Take = Callable[..., Process]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Give a zygote that no test ends."""
    with Zygote() as running:
        yield running


@pytest.fixture
def lease(zygote: Zygote) -> Iterator[Lease]:
    """Give a lease, as a judge has one."""
    lease = Lease(zygote.lease())
    yield lease
    lease.close()


@pytest.fixture
def take() -> Iterator[Take]:
    """Give a function that takes a child; its stream is closed with the test."""
    taken: list[Process] = []

    def take(lease: Lease, memory_bytes: int = MEMORY) -> Process:
        taken.append(lease.take(memory_bytes, CPU_SECONDS))
        return taken[-1]

    yield take
    for child in taken:
        child.stream.close()


def ended(pid: int) -> bool:
    """Return whether a process runs no more, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def idle_with(zygote: int, least: int) -> set[int]:
    """Return a zygote's children where there are `least` and it has nothing to do, else none."""
    children = set(children_of(zygote))
    state = Path(f"/proc/{zygote}/stat").read_text().rpartition(")")[2].split()[0]
    return children if len(children) >= least and state == "S" else set()


def test_children_are_ready_before_they_are_taken(zygote: Zygote) -> None:
    assert wait_for(lambda: len(children_of(zygote.pid)) >= 2, "children in reserve")


def test_no_child_is_forked_beside_one_at_work_while_others_are_ready() -> None:
    with Zygote() as zygote:
        lease = Lease(zygote.lease())
        ready = wait_for(lambda: idle_with(zygote.pid, RESERVE), "a full reserve")

        lease.take(512 << 20, 65).stream.close()  # as the zygote guessed, so none is in vain
        at_work = wait_for(
            lambda: idle_with(zygote.pid, RESERVE), "the zygote to have nothing to do"
        )
        lease.close()

        assert at_work == ready
        assert wait_for(lambda: set(children_of(zygote.pid)) - at_work, "another in reserve")


def test_processes_of_a_zygote_keep_to_its_core() -> None:
    core = min(os.sched_getaffinity(0))

    with Zygote(core=core) as zygote:
        kept = [os.sched_getaffinity(pid) for pid in (zygote.pid, *children_of(zygote.pid))]

    assert kept[1:]
    assert all(cores == {core} for cores in kept)


def test_no_child_is_given_twice(lease: Lease, take: Take) -> None:
    children = [take(lease) for _ in range(5)]

    assert len({child.pid for child in children}) == 5


def test_child_whose_lease_closes_is_ended_and_reaped(zygote: Zygote, take: Take) -> None:
    lease = Lease(zygote.lease())
    children = [take(lease) for _ in range(2)]

    lease.close()

    wait_for(lambda: not any(alive(child.pid) for child in children), "the end of both children")
    assert zygote.alive


def test_child_that_is_ended_tells_how(lease: Lease, take: Take) -> None:
    child = take(lease)

    told = lease.end(child, at_once=True)

    assert told.killed
    assert told.peak_bytes > 1 << 20
    assert not alive(child.pid)


def test_child_whose_stream_closes_ends_itself(lease: Lease, take: Take) -> None:
    child = take(lease)

    child.stream.close()

    told = lease.end(child, at_once=False)
    assert not told.killed
    assert os.waitstatus_to_exitcode(told.status) == 0


def test_no_judge_can_end_what_is_not_its_own(zygote: Zygote, lease: Lease, take: Take) -> None:
    other = Lease(zygote.lease())
    child = take(other)

    for pid in (child.pid, zygote.pid, os.getpid()):
        lease.end(Process(pid, child.stream), at_once=True)

    assert not ended(child.pid)
    assert zygote.alive
    other.close()


def test_child_ends_with_its_zygote(take: Take) -> None:
    with Zygote() as zygote:
        lease = Lease(zygote.lease())
        child = take(lease)

        os.kill(zygote.pid, signal.SIGKILL)

        wait_for(lambda: ended(child.pid), "the child's end")
        with pytest.raises(SandboxFailure):
            lease.take(MEMORY, CPU_SECONDS)
        lease.close()


def test_children_have_the_limits_that_were_asked_for_last(lease: Lease, take: Take) -> None:
    first, second, third = (take(lease, memory) for memory in (MEMORY, 2 * MEMORY, MEMORY))

    spaces = [_address_space(child.pid) for child in (first, second, third)]

    assert spaces[1] - spaces[0] == spaces[1] - spaces[2] == MEMORY


def _address_space(pid: int) -> int:
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    (line,) = (line for line in limits if line.startswith("Max address space"))
    return int(line.split()[3])
