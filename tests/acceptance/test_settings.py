"""Settings that are wrong: a sentence that names them, and nothing started."""

import os
import subprocess
import sys
from pathlib import Path

GRADER = Path(sys.executable).parent / "grader"


def test_setting_that_is_wrong_is_named_in_a_sentence() -> None:
    environment = {**os.environ, "GRADER_SLOTS": "many"}

    said = subprocess.run(
        [GRADER, "migrate"], capture_output=True, text=True, env=environment, check=False
    )

    assert said.returncode == 2
    assert "the setting GRADER_SLOTS is wrong" in said.stderr
    assert "Traceback" not in said.stderr
