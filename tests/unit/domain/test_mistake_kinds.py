"""Which messages tell of one mistake."""

import pytest

from grader.domain.mistake_kinds import common_mistakes, key_of, kind_of


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            "backward returned -7.5e-05 at [3, 2], but 1 was expected.", id="other numbers"
        ),
        pytest.param(
            "backward returned 0.25 at [1, 0], but 0.5 was expected; 3 of 8 values differ, this "
            "one most.",
            id="more values differ",
        ),
        pytest.param(
            "backward returned 0.25 at [1, 0], but 0.5 was expected.\n  loss.py, line 7\n    x",
            id="with a line of theirs",
        ),
    ],
)
def test_messages_that_differ_in_numbers_tell_of_one_mistake(other: str) -> None:
    one = "backward returned 0.25 at [1, 0], but 0.5 was expected."

    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("backward returned None", "forward returned None", id="other method"),
        pytest.param("this is log2 of it", "this is log10 of it", id="numbers in names"),
        pytest.param("Sigmoid_Of_100 is wrong", "Sigmoid_Of_0 is wrong", id="numbers in words"),
    ],
)
def test_messages_that_say_other_things_tell_of_others(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_kind_of_a_message_is_on_one_line() -> None:
    assert kind_of("a  1.5\tb\nc") == "a … b"


def test_lone_surrogates_have_a_key() -> None:
    assert key_of("NameError: \udc80") != key_of("NameError: ")


def test_mistakes_are_gathered_with_the_commonest_first() -> None:
    told = [("x is 1", 2), ("y is missing", 3), ("x is 2\n  loss.py, line 1", 4)]

    found = common_mistakes(told)

    assert [(each.message, each.students) for each in found] == [
        ("x is 2", 6),
        ("y is missing", 3),
    ]
