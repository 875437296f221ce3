"""Following a rerun: its progress, and each change when the run that shows it has ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.domain.people import Identity
from grader.domain.rerun_changes import Change
from grader.domain.reruns import Rerun
from grader.workflow.rerun_changes import Proposal, changes_of_runs, read_proposal
from grader.workflow.reruns import read_rerun
from grader.workflow.service import Service


@dataclass(frozen=True)
class Progressed:
    """Runs have ended, or the rerun was held or goes on."""

    rerun: Rerun


@dataclass(frozen=True)
class Changed:
    """A run has ended that changes something, or that could not be graded."""

    change: Change


@dataclass(frozen=True)
class RerunOver:
    """No run of it will be graded any more."""

    proposal: Proposal


RerunNews = Progressed | Changed | RerunOver


class RerunFollower:
    """Looks at a rerun again and again, and tells each thing once."""

    def __init__(self, service: Service, identity: Identity, rerun_id: int) -> None:
        """Follow a rerun that may be seen.

        Raises:
            NotFound: there is none, or not for this identity.
        """
        self._service = service
        self._identity = identity
        self._rerun_id = rerun_id
        self._told: set[int] = set()
        self._said: object = None
        read_rerun(service, identity, rerun_id)

    def look(self) -> Iterator[RerunNews]:
        """Give what is new; after `RerunOver` there is nothing more to look for."""
        rerun = read_rerun(self._service, self._identity, self._rerun_id)
        if rerun.progress.ended > len(self._told):
            known = self._told
            ended, changes = changes_of_runs(
                self._service, rerun, lambda row: row.after.run_id in known
            )
            self._told |= {row.after.run_id for row in ended}
            yield from map(Changed, changes)
        if not rerun.state.under_way:
            yield RerunOver(read_proposal(self._service, self._identity, self._rerun_id))
            return
        says = (rerun.state, rerun.progress)
        if says != self._said:
            self._said = says
            yield Progressed(rerun)
