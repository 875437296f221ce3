"""Lines that changed are found, with a few around them and in a bounded time."""

from grader.domain.differences import CONTEXT, GAP, Pair, changed_lines

_AMPLE = 60.0


def _pairs(before: list[str], after: list[str]) -> list[Pair]:
    return list(changed_lines(before, after, _AMPLE))


def test_same_texts_have_no_changed_lines() -> None:
    assert _pairs(["a", "b"], ["a", "b"]) == []


def test_changed_line_stands_beside_what_it_was() -> None:
    assert _pairs(["a", "b", "c"], ["a", "x", "c"]) == [
        Pair(0, 0, same=True),
        Pair(1, 1),
        Pair(2, 2, same=True),
    ]


def test_new_and_gone_lines_stand_alone() -> None:
    assert _pairs(["a"], ["a", "b"])[-1] == Pair(None, 1)
    assert _pairs(["a", "b"], ["a"])[-1] == Pair(1, None)


def test_lines_far_from_a_change_are_left_out() -> None:
    before = [str(number) for number in range(100)]
    after = [*before[:50], "new", *before[51:]]

    pairs = _pairs(before, after)

    assert pairs[0] == pairs[-1] == GAP
    assert len(pairs) == 2 * CONTEXT + 3
    assert Pair(50, 50) in pairs


def test_two_changes_far_apart_have_a_gap_between_them() -> None:
    before = [str(number) for number in range(100)]
    after = ["new", *before[1:99], "new"]

    pairs = _pairs(before, after)

    assert pairs.count(GAP) == 1
    assert (pairs[0], pairs[-1]) == (Pair(0, 0), Pair(99, 99))


def test_what_is_not_compared_in_time_is_taken_to_be_changed_and_no_line_is_lost() -> None:
    before = [text for place in range(200) for text in (str(place % 7), f"old {place}")]
    after = [text for place in range(200) for text in (str(place % 7), f"new {place}")]

    hurried = list(changed_lines(before, after, 0.0))

    assert any(pair.same for pair in _pairs(before, after))
    assert hurried == [Pair(place, place) for place in range(400)]
