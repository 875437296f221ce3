"""What a list would change on a roster."""

from grader.domain.people import Role
from grader.domain.roster import Change, Listed, Member, RosterPlan, plan_roster

ANN, BEN = Member("ann", Role.STUDENT, "A"), Member("ben", Role.ASSISTANT)


def _plan(*listed: Listed, remove_others: bool = False) -> RosterPlan:
    return plan_roster([ANN, BEN], listed, remove_others=remove_others)


def test_new_people_are_students_unless_the_list_says_otherwise() -> None:
    plan = _plan(Listed(2, "cem"), Listed(3, "dina", Role.INSTRUCTOR, "B"))

    assert plan.added == (Member("cem", Role.STUDENT), Member("dina", Role.INSTRUCTOR, "B"))


def test_what_a_list_does_not_say_stays() -> None:
    plan = _plan(Listed(2, "ann"), Listed(3, "ben", section="C"))

    assert plan.unchanged == 1
    assert plan.changed == (Change(BEN, Member("ben", Role.ASSISTANT, "C")),)


def test_section_that_a_list_leaves_empty_is_taken_away() -> None:
    assert _plan(Listed(2, "ann", section="")).changed == (
        Change(ANN, Member("ann", Role.STUDENT)),
    )


def test_who_is_not_listed_stays_unless_asked_otherwise() -> None:
    keeps, removes = _plan(Listed(2, "ann")), _plan(Listed(2, "ann"), remove_others=True)

    assert (keeps.removed, keeps.unlisted) == ((), (BEN,))
    assert (removes.removed, removes.unlisted) == ((BEN,), ())
    assert keeps.digest != removes.digest


def test_plan_says_in_a_sentence_what_it_changes() -> None:
    assert _plan(Listed(2, "ann")).says == "Nothing to change."
    both = _plan(Listed(2, "cem"), Listed(3, "ann", Role.ASSISTANT), remove_others=True)
    assert both.says == "1 added, 1 changed, 1 removed."
