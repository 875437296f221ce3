"""Where `grader rerun` works: at the API, or at this machine's database. Both say the same."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Protocol

import httpx

from grader.cli.api import ask, ask_for, place_of
from grader.cli.places import stored_place
from grader.domain.people import Identity
from grader.domain.reruns import Only, RerunState, Wanted
from grader.errors import GraderError, UsageError
from grader.grading.formats.rerun_files import changes_junit
from grader.grading.formats.reruns import change_object, rerun_object
from grader.workflow import reruns
from grader.workflow.rerun_changes import ChangeListing, Which, list_changes, read_proposal
from grader.workflow.rerun_news import Changed, Progressed, RerunFollower, RerunOver
from grader.workflow.reruns import Action
from grader.workflow.service import Service

_LOOK_AGAIN_SECONDS = 1.0
_COME_AGAIN_SECONDS = 1.0
_PATIENCE_SECONDS = 120.0  # for a service that is started again
_PAGE = 500

Thing = dict[str, Any]
"""A rerun or a change, as the API shows it."""


class Desk(Protocol):
    """What can be done about reruns."""

    def start(self, assignment: str, wanted: Wanted) -> Thing:
        """Begin a rerun of `hw4` or `course/hw4`."""

    def show(self, rerun_id: int) -> Thing:
        """Return a rerun, with what it changes in numbers."""

    def act(self, rerun_id: int, action: str) -> Thing:
        """Do what `Action` says, or undo."""

    def apply(self, rerun_id: int, only: Only) -> Thing:
        """Apply a rerun."""

    def changes(self, rerun_id: int) -> Iterator[Thing]:
        """Give what changes, and what could not be graded."""

    def follow(self, rerun_id: int) -> Iterator[tuple[str, Thing]]:
        """Give `progress` and `change` as they come, and at last a rerun by its state."""

    def junit(self, rerun_id: int) -> str:
        """Return the changes as JUnit's XML."""


class ApiDesk:
    """Works by the API of a service."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def start(self, assignment: str, wanted: Wanted) -> Thing:
        """Begin a rerun; a lost answer is asked for again, and the key begins it once."""
        place = place_of(self._client, assignment)
        route = f"/courses/{place.course}/assignments/{place.name}/reruns"
        request = {
            "scope": wanted.scope,
            "student": wanted.student,
            "submissions": list(wanted.submissions),
            "cases": list(wanted.cases),
            "mode": wanted.mode,
        }
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return ask(self._client, "POST", route, json=request, headers=key)

    def show(self, rerun_id: int) -> Thing:
        """Ask for a rerun."""
        return ask(self._client, "GET", f"/reruns/{rerun_id}")

    def act(self, rerun_id: int, action: str) -> Thing:
        """Ask for an act; done already, it is left alone."""
        return ask(self._client, "POST", f"/reruns/{rerun_id}/{action}")

    def apply(self, rerun_id: int, only: Only) -> Thing:
        """Ask for applying; done already, it is left alone."""
        return ask(self._client, "POST", f"/reruns/{rerun_id}/apply", json={"only": only})

    def changes(self, rerun_id: int) -> Iterator[Thing]:
        """Ask for all pages of changes."""
        cursor: str | None = "0"
        while cursor is not None:
            page = {"cursor": cursor, "limit": _PAGE}
            answer = ask(self._client, "GET", f"/reruns/{rerun_id}/changes", params=page)
            yield from answer["items"]
            cursor = answer["next"]

    def follow(self, rerun_id: int) -> Iterator[tuple[str, Thing]]:
        """Listen to the events; where the stream breaks off, come again and tell nothing twice."""
        told: set[int] = set()
        while True:
            for name, thing in self._events(rerun_id):
                if name == "change":
                    if thing["submission"] in told:
                        continue
                    told.add(thing["submission"])
                yield name, thing
                if name not in ("progress", "change"):
                    return
            self._wait_for_answer(rerun_id)

    def junit(self, rerun_id: int) -> str:
        """Ask for the changes as JUnit's XML."""
        return ask_for(self._client, "GET", f"/reruns/{rerun_id}/junit.xml").text

    def _wait_for_answer(self, rerun_id: int) -> None:
        """Wait while the service is started again; give up on it in its own words."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            time.sleep(_COME_AGAIN_SECONDS)
            try:
                self.show(rerun_id)
            except UsageError:
                raise
            except GraderError:
                if time.monotonic() > until:
                    raise
            else:
                return

    def _events(self, rerun_id: int) -> Iterator[tuple[str, Thing]]:
        try:
            with self._client.stream("GET", f"/reruns/{rerun_id}/events") as response:
                if response.is_success:
                    yield from _parsed(response.iter_lines())
        except httpx.TransportError:
            return


class LocalDesk:
    """Works at the database; a service or a worker on it does the grading."""

    def __init__(self, service: Service, identity: Identity) -> None:
        self._service, self._identity = service, identity

    def start(self, assignment: str, wanted: Wanted) -> Thing:
        """Begin a rerun."""
        place = stored_place(self._service, assignment)
        return self.show(reruns.start_rerun(self._service, self._identity, place, wanted).id)

    def show(self, rerun_id: int) -> Thing:
        """Read a rerun."""
        proposal = read_proposal(self._service, self._identity, rerun_id)
        return rerun_object(proposal.rerun, proposal.totals)

    def act(self, rerun_id: int, action: str) -> Thing:
        """Do it; done already, it is left alone."""
        if action == "undo":
            reruns.undo_rerun(self._service, self._identity, rerun_id)
        else:
            reruns.act_on(self._service, self._identity, rerun_id, Action(action))
        return self.show(rerun_id)

    def apply(self, rerun_id: int, only: Only) -> Thing:
        """Apply it; done already, it is left alone."""
        reruns.apply_rerun(self._service, self._identity, rerun_id, only)
        return self.show(rerun_id)

    def changes(self, rerun_id: int) -> Iterator[Thing]:
        """Read all changes."""
        found = list_changes(self._service, self._identity, rerun_id, ChangeListing())
        yield from map(change_object, found)

    def follow(self, rerun_id: int) -> Iterator[tuple[str, Thing]]:
        """Look again and again."""
        follower = RerunFollower(self._service, self._identity, rerun_id)
        while True:
            for news in follower.look():
                match news:
                    case Progressed(rerun):
                        yield "progress", rerun_object(rerun)
                    case Changed(change):
                        yield "change", change_object(change)
                    case RerunOver(proposal):
                        yield proposal.rerun.state, rerun_object(proposal.rerun, proposal.totals)
                        return
            time.sleep(_LOOK_AGAIN_SECONDS)

    def junit(self, rerun_id: int) -> str:
        """Write the changes as JUnit's XML."""
        found = list_changes(self._service, self._identity, rerun_id, ChangeListing(Which.ALL))
        rerun = reruns.read_rerun(self._service, self._identity, rerun_id)
        return changes_junit(rerun, found)


def is_under_way(thing: Thing) -> bool:
    """Return whether runs of a rerun may still be graded."""
    return RerunState(thing["state"]).under_way


def _parsed(lines: Iterator[str]) -> Iterator[tuple[str, Thing]]:
    """Read server-sent events, each of one name and one object."""
    name, data = "", ""
    for line in lines:
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data += value.strip()
        elif not line:
            if name and data:
                yield name, json.loads(data)
            name, data = "", ""
