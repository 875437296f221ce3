"""The sandbox on hosts that give less: root without some capabilities, as in a container."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PLAIN = ROOT / "submissions" / "hw4" / "accepted" / "plain"
HOSTILE = ROOT / "submissions" / "hw4" / "hostile" / "read_environment"

HOSTS = [
    pytest.param(["--bounding-set=-sys_admin", "--inh-caps=-sys_admin"], id="no CAP_SYS_ADMIN"),
    pytest.param(["--bounding-set=-all", "--inh-caps=-all"], id="no capabilities"),
]


def grader(host: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with fewer capabilities than root has."""
    command = [str(Path(sys.executable).parent / "grader"), *arguments]
    return subprocess.run(
        ["setpriv", *host, *command], capture_output=True, text=True, cwd=ROOT, check=False
    )


@pytest.mark.parametrize("host", HOSTS)
def test_doctor_names_the_layer_that_is_missing_and_all_musts_hold(host: list[str]) -> None:
    said = grader(host, "doctor")

    assert said.returncode == 0, said.stdout + said.stderr
    assert "own user           further  missing" in said.stdout
    assert "GOT THROUGH" not in said.stdout


@pytest.mark.parametrize("host", HOSTS)
def test_files_are_graded_as_anywhere(host: list[str]) -> None:
    said = grader(host, "grade", "--assignment", "hw4", "--json", str(PLAIN), str(HOSTILE))

    scores = [json.loads(line)["score"] for line in said.stdout.splitlines()]
    assert scores == [100.0, 100.0], said.stderr
