"""`grader doctor`: each layer of the sandbox and each probe, tried now on a live child."""

import click

from grader.cli.exits import Exit
from grader.config import Settings
from grader.domain.text import one_line
from grader.errors import SandboxUnavailable
from grader.grading.slots import Slot
from grader.sandbox.probes import Examination

_OUTCOME_CHARACTERS = 160


def run() -> Exit:
    """Examine the sandbox of this machine; exit 3 where nothing may be graded here."""
    try:
        settings = Settings()
        answers = (settings.reference_dir.resolve(), (settings.var_dir / "suites").resolve())
        with Slot() as slot:
            examination = slot.examine(tuple(path for path in answers if path.exists()))
    except SandboxUnavailable as error:
        click.echo(f"Nothing is graded on this machine: {error}")
        return Exit.OURS
    _show(examination)
    for problem in examination.problems:
        click.echo(f"Nothing is graded on this machine: {problem}")
    if examination.problems:
        return Exit.OURS
    click.echo("All that must hold holds.")
    return Exit.DONE


def _show(examination: Examination) -> None:
    click.echo(click.style("Layers", bold=True))
    for layer in examination.layers:
        need = "must" if layer.must else "further"
        said = f"missing: {layer.missing}; {layer.advice}" if layer.missing else "holds"
        colour = "green" if not layer.missing else "red" if layer.must else "yellow"
        click.echo(click.style(f"  {layer.name:<18} {need:<8} {said}", fg=colour))
    click.echo(click.style("Probes", bold=True))
    width = max((len(one_line(probe.name, 80)) for probe in examination.probes), default=0)
    for probe in examination.probes:
        said = "refused" if probe.refused else "GOT THROUGH"
        outcome = one_line(probe.outcome, _OUTCOME_CHARACTERS)
        colour = "green" if probe.refused else "red"
        click.echo(
            click.style(f"  {one_line(probe.name, 80):<{width}} {said:<8} {outcome}", fg=colour)
        )
