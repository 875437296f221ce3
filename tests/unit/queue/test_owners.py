"""Whose the runs in hand are."""

import subprocess
import sys

import pytest

from grader.queue.owners import host, is_here, new_owner, owner_is_dead


def test_owner_of_a_living_process_is_not_dead() -> None:
    assert not owner_is_dead(new_owner())


def test_owner_of_an_ended_process_is_dead() -> None:
    code = "from grader.queue.owners import new_owner; print(new_owner())"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert owner_is_dead(ended.stdout.strip())


@pytest.mark.parametrize(
    "owner",
    [
        "elsewhere:99999999:ab",
        f"{host()}:99999999:ab",
        f"{host()}/00000000-f0000000:99999999:ab",  # a copy of this machine, or a container on it
        *("", "x", "::"),
        new_owner().replace(":", ":x", 1),
    ],
)
def test_owner_of_another_machine_may_be_alive(owner: str) -> None:
    assert not owner_is_dead(owner)


def test_no_two_slots_have_one_name() -> None:
    assert len({new_owner() for _ in range(100)}) == 100


def test_owner_of_this_machine_is_here_and_one_of_its_copy_is_not() -> None:
    assert is_here(new_owner())
    assert not is_here(f"{host()}/00000000-f0000000:1:ab")
