"""A rerun in lines, as a CI's log has them."""

from collections.abc import Iterator

import click

from grader.cli.desks import Thing
from grader.domain.text import one_line

_MESSAGE_CHARACTERS = 400
_COLOURS = {"up": "green", "down": "red"}
_ENDS = {
    "ready": "is ready; no score has moved",
    "applied": "is applied",
    "discarded": "is discarded; no score has moved",
    "cancelled": "was cancelled; no score has moved",
    "undone": "is undone",
    "running": "is running",
    "paused": "is paused",
}


def progress_line(rerun: Thing) -> str:
    """Say how far a rerun is."""
    progress = rerun["progress"]
    total = str(progress["total"])
    line = f"[{progress['ended']:>{len(total)}}/{total}]"
    if rerun["state"] == "paused":
        return f"{line} paused"
    if progress["failed"]:
        line += f" {progress['failed']} failed"
    if progress["expected_seconds"] is not None:
        line += f" about {_time(progress['expected_seconds'])} left"
    return line


def change_lines(change: Thing) -> Iterator[str]:
    """Say what changes of one submission."""
    who = f"{one_line(change['student'], 100)}, attempt {change['attempt']}"
    if change["status"] == "failed":
        yield click.style(f"{who}: could not be graded, its score stays", fg="red")
        yield f"    {one_line(change['error'] or '', _MESSAGE_CHARACTERS)}"
        return
    before, after = change["before"], change["after"]
    line = f"{who}: {_score(before['score'])} → {_score(after['score'])}"
    crosses = change["counted"]["crosses"]
    if crosses is not None:
        line += " and passes now" if crosses == "up" else " and passes no longer"
    if change["superseded"]:
        line += " (left alone: something newer came in)"
    yield click.style(line, fg=_COLOURS.get(crosses), bold=True)
    for case in change["cases"]:
        yield f"    {case['name']}: {_case(case['before'])} → {_case(case['after'])}"
        for when in ("before", "after"):
            if case[when] is not None and case[when]["message"]:
                yield f"        {when}: {one_line(case[when]['message'], _MESSAGE_CHARACTERS)}"


def summary_lines(rerun: Thing) -> Iterator[str]:
    """Say what a rerun comes to, and what to do next."""
    totals, number = rerun["totals"], rerun["id"]
    yield click.style(f"Rerun {number} {_ENDS[rerun['state']]}.", bold=True)
    yield f"  {totals['changed']} of {rerun['progress']['total']} submissions change."
    if totals["failed"]:
        yield f"  {totals['failed']} could not be graded, by our fault: their scores stay."
    if totals["superseded"]:
        yield f"  {totals['superseded']} are left alone: something newer came in."
    if totals["newer_attempts"]:
        yield f"  {totals['newer_attempts']} attempts came in since and are no part of it."
    yield (
        f"  Of {totals['students']} students {totals['gain']} gain and {totals['lose']} lose;"
        f" {totals['newly_passing']} pass now, {totals['newly_failing']} no longer."
    )
    if totals["mean_before"] is not None and totals["mean_after"] is not None:
        yield f"  Mean of what counts: {totals['mean_before']:g} → {totals['mean_after']:g}."
    if rerun["state"] in ("applied", "undone"):
        moved = totals["applied"] + totals["undone"]
        yield f"  Moved: {moved}; kept: {totals['kept']}; moved back: {totals['undone']}."
    yield from _next(rerun)


def _next(rerun: Thing) -> Iterator[str]:
    number = rerun["id"]
    if rerun["state"] == "ready":
        yield f"  Decide: grader rerun apply {number} [--only increases], or discard {number}"
    elif rerun["state"] == "applied":
        yield f"  Take it back: grader rerun undo {number}"
    elif rerun["state"] == "paused":
        yield f"  Go on: grader rerun resume {number}"


def _score(score: float | None) -> str:
    return "no score" if score is None else f"{score:g}"


def _case(case: Thing | None) -> str:
    if case is None:
        return "not there"
    verdict = case["verdict"].replace("_", " ")
    return f"{verdict} {case['points']:g}/{case['max_points']:g}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
