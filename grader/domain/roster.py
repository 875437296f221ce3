"""Who takes part in a course, and what another list of them would change."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.domain.people import Role

SECTION_CHARACTERS = 100


@dataclass(frozen=True)
class Member:
    """A person's part in a course."""

    name: str
    role: Role
    section: str = ""


@dataclass(frozen=True)
class KnownMember:
    """A member as the database knows them; `last_seen` is when they last signed in or handed in."""

    person_id: int
    member: Member
    last_seen: datetime | None = None


@dataclass(frozen=True)
class Listed:
    """A person of a list at its `line`; what the list does not say of them is None, and stays."""

    line: int
    name: str
    role: Role | None = None
    section: str | None = None


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a list, and at which line."""

    line: int
    says: str


@dataclass(frozen=True)
class Change:
    """A member before and after."""

    before: Member
    after: Member


@dataclass(frozen=True)
class RosterPlan:
    """What a list would change; `unlisted` are not in it, and stay."""

    added: tuple[Member, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[Member, ...] = ()
    unlisted: tuple[Member, ...] = ()
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        """Return whether nothing would change."""
        return not (self.added or self.changed or self.removed)

    @property
    def digest(self) -> str:
        """Return what tells this plan from every other."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    @property
    def says(self) -> str:
        """Say how many are added, changed and removed."""
        if self.is_empty:
            return "Nothing to change."
        counts = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        return f"{', '.join(f'{len(each)} {word}' for word, each in counts if each)}."


def plan_roster(
    now: Iterable[Member], listed: Sequence[Listed], *, remove_others: bool
) -> RosterPlan:
    """Return what it takes to make the roster say what a list does."""
    known = {member.name: member for member in now}
    wanted = [_wanted(known.get(each.name), each) for each in listed]
    names = {member.name for member in wanted}
    others = tuple(member for name, member in known.items() if name not in names)
    changed = [
        Change(known[member.name], member)
        for member in wanted
        if member.name in known and known[member.name] != member
    ]
    return RosterPlan(
        added=tuple(member for member in wanted if member.name not in known),
        changed=tuple(changed),
        removed=others if remove_others else (),
        unlisted=() if remove_others else others,
        unchanged=sum(known.get(member.name) == member for member in wanted),
    )


def _wanted(known: Member | None, listed: Listed) -> Member:
    role = listed.role or (known.role if known else Role.STUDENT)
    section = listed.section if listed.section is not None else known.section if known else ""
    return Member(listed.name, role, section)
