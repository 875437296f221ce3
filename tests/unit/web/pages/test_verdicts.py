"""Verdicts as a student reads them."""

import pytest

from grader.domain.verdicts import Verdict
from grader.web.pages.verdicts import look_of
from tests.factories import a_case


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_words_and_a_symbol(verdict: Verdict) -> None:
    look = look_of(a_case(verdict=verdict))

    assert look.words
    assert look.icon in ("tick", "cross", "bang", "clock", "dash")
    assert (look.tone == "good") == (verdict is Verdict.ACCEPTED)


def test_partial_points_look_like_neither_right_nor_wrong() -> None:
    assert look_of(a_case(points=4.0)).words == "Partly right"
