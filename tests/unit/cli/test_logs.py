"""How the service logs."""

import json
import logging
from collections.abc import Iterator

import pytest

from grader.cli.logs import set_up_logging


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def test_fields_stand_behind_the_fact(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "text")

    logging.getLogger("x").info("run ended", extra={"run": 7, "status": "graded"})
    logging.getLogger("x").debug("not this")

    err = capsys.readouterr().err
    assert err.endswith(" info run ended run=7 status=graded\n")
    assert err.count("\n") == 1


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "json")

    try:
        raise ValueError("broken\nhere")
    except ValueError:
        logging.getLogger("x").exception("try failed", extra={"run": 7})

    line = capsys.readouterr().err
    facts = json.loads(line)
    assert line.count("\n") == 1
    assert (facts["level"], facts["message"], facts["run"]) == ("error", "try failed", 7)
    assert "ValueError" in facts["exception"]
