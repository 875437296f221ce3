"""Which core a slot keeps to."""

import pytest

from grader.grading.slots import core_of


@pytest.mark.parametrize(
    ("slots", "cores"),
    [
        pytest.param(2, [4, 6], id="one for each core"),
        pytest.param(4, [4, 6, 4, 6], id="two for each core"),
        pytest.param(1, [None], id="fewer than cores"),
        pytest.param(3, [None] * 3, id="not evenly"),
    ],
)
def test_slots_keep_to_cores_of_their_own_where_they_share_them_evenly(
    slots: int, cores: list[int | None]
) -> None:
    assert [core_of(index, slots, {6, 4}) for index in range(slots)] == cores
