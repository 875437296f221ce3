"""A child that hardly gets its core: it is told from one that sleeps."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from grader.domain.runs import SuiteFolder
from grader.domain.verdicts import Verdict
from grader.sandbox.zygote import Zygote
from grader.suite.submission import Submission
from tests.assignments import handed_in
from tests.turns import run_case, session_on

SOURCE = """
import time


def loop():
    while True: pass


def sleep():
    time.sleep(99)


def ready():
    return 1.0
"""
RIVAL = "print(flush=True)\nwhile True: pass"


@contextmanager
def crowded_out(pid: int) -> Iterator[None]:
    """Let a process have what another leaves of one core, which is next to nothing."""
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, {core})
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
    rival = subprocess.Popen([sys.executable, "-c", RIVAL], stdout=subprocess.PIPE)
    try:
        os.sched_setaffinity(rival.pid, {core})
        assert rival.stdout is not None
        rival.stdout.readline()
        yield
    finally:
        rival.kill()
        rival.communicate()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        pytest.param("loop", "used up its time limit: is there an endless loop?", id="loop"),
        pytest.param("sleep", "it waited: is there a sleep", id="sleep"),
    ],
)
def test_loop_that_hardly_gets_its_core_is_told_from_a_sleep(
    doubling: SuiteFolder, function: str, words: str
) -> None:
    def case(submission: Submission) -> None:
        submission.answer.ready()
        running = session.running
        assert running is not None
        with crowded_out(running.pid):
            getattr(submission.answer, function)()

    with Zygote(slot=6) as zygote, session_on(zygote, doubling, handed_in(SOURCE)) as session:
        result = run_case(session, case)

    assert result.verdict is Verdict.TIME_LIMIT
    assert words in result.message
    assert result.seconds < 0.4  # of 0.5: it is not the CPU limit that ended it
