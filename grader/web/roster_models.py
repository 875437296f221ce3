"""What the API answers about the roster of a course."""

from datetime import datetime

from pydantic import BaseModel, Field

from grader.domain.people import Role
from grader.domain.roster import KnownMember, Member, RosterPlan
from grader.workflow.roster import For, NewRosterLink


class MemberModel(BaseModel):
    """A person's part in a course."""

    name: str
    role: Role
    section: str


class ListedMemberModel(MemberModel):
    """A member, and when they last signed in or handed in, if ever."""

    last_seen: datetime | None


class MemberList(BaseModel):
    """A page of members in the order of their names; `next` is the cursor of the page after it."""

    items: list[ListedMemberModel]
    next: str | None


class MemberChangeModel(BaseModel):
    """A member before and after."""

    before: MemberModel
    after: MemberModel


class RosterPlanModel(BaseModel):
    """What a list changes, or changed if it is `stored`; `unlisted` are not in it, and stay."""

    stored: bool
    added: list[MemberModel]
    changed: list[MemberChangeModel]
    removed: list[MemberModel]
    unlisted: list[MemberModel]
    unchanged: int


class LinksRequest(BaseModel):
    """Whom to make sign-in links for, and for how long they wait to be used."""

    whom: For = For.NEW
    hours: float = Field(default=168.0, gt=0, le=24 * 366)


class LinkModel(BaseModel):
    """A link that signs a member in once; it is told now, and never again."""

    name: str
    role: Role
    section: str
    link: str
    expires_at: datetime


class LinkList(BaseModel):
    """The links that were made."""

    items: list[LinkModel]


def member_model(member: Member) -> MemberModel:
    """Return the resource that shows a member."""
    return MemberModel(name=member.name, role=member.role, section=member.section)


def listed_member_model(known: KnownMember) -> ListedMemberModel:
    """Return the resource that shows a member in a list."""
    return ListedMemberModel(**dict(member_model(known.member)), last_seen=known.last_seen)


def plan_model(plan: RosterPlan, *, stored: bool) -> RosterPlanModel:
    """Return the resource that shows a plan."""
    return RosterPlanModel(
        stored=stored,
        added=[member_model(each) for each in plan.added],
        changed=[
            MemberChangeModel(before=member_model(each.before), after=member_model(each.after))
            for each in plan.changed
        ],
        removed=[member_model(each) for each in plan.removed],
        unlisted=[member_model(each) for each in plan.unlisted],
        unchanged=plan.unchanged,
    )


def link_model(link: NewRosterLink, address: str) -> LinkModel:
    """Return the resource that tells a link."""
    return LinkModel(
        **dict(member_model(link.member)),
        link=f"{address}/sign-in/{link.secret}",
        expires_at=link.expires_at,
    )
