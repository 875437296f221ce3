"""A rerun in lines, whatever students call themselves and their messages say."""

from typing import Any

from grader.cli.rerun_lines import change_lines, progress_line


def a_change(**changes: object) -> dict[str, Any]:
    """Make a change that gains and passes now."""
    return {
        "student": "ann",
        "attempt": 2,
        "status": "changed",
        "superseded": False,
        "error": None,
        "before": {"score": 60.0},
        "after": {"score": 100.0},
        "counted": {"before": 60.0, "after": 100.0, "crosses": "up"},
        "cases": [
            {
                "name": "A",
                "before": {
                    "verdict": "wrong_answer",
                    "points": 0.0,
                    "max_points": 40.0,
                    "message": "no\x1b[2J\nnot so",
                },
                "after": {"verdict": "accepted", "points": 40.0, "max_points": 40.0, "message": ""},
            }
        ],
        **changes,
    }


def test_change_is_said_in_lines_without_a_terminals_codes() -> None:
    first, *rest = change_lines(a_change())

    assert "ann, attempt 2: 60 → 100 and passes now" in first
    assert rest == [
        "    A: wrong answer 0/40 → accepted 40/40",
        "        before: no␛[2J not so",
    ]


def test_failure_of_ours_is_said_with_its_reason() -> None:
    first, reason = change_lines(a_change(status="failed", error="zygote lost"))

    assert "could not be graded, its score stays" in first
    assert reason.strip() == "zygote lost"


def test_progress_is_a_line() -> None:
    progress = {"total": 120, "ended": 7, "failed": 1, "expected_seconds": 200.0}

    assert progress_line({"state": "running", "progress": progress}) == (
        "[  7/120] 1 failed about 3 min left"
    )
    assert progress_line({"state": "paused", "progress": progress}) == "[  7/120] paused"
