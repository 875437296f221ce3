"""What changed between two texts, line by line, within a time that no text can exceed."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import zip_longest

CONTEXT = 3  # lines above and below a change


@dataclass(frozen=True)
class Pair:
    """Two lines beside each other, by their places from 0; None where there is none.

    `same`: they are equal. Without either it stands for lines that are the same and left out.
    """

    before: int | None
    after: int | None
    same: bool = False

    @property
    def is_gap(self) -> bool:
        """Return whether lines are left out here."""
        return self.before is None and self.after is None


GAP = Pair(None, None, same=True)


def changed_lines(before: Sequence[str], after: Sequence[str], seconds: float) -> Iterator[Pair]:
    """Yield the lines that changed with a few around them; nothing where none did.

    What is not found to be the same within `seconds` of computing is taken to be changed: lines
    that all are alike would take a time that grows with the square of their number, and more.
    """
    matcher = _InTime(before, after, seconds)
    ended = (0, 0)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if (group[0][1], group[0][3]) != ended:
            yield GAP
        for tag, first, past, other, past_other in group:
            if tag == "equal":
                for place in range(past - first):
                    yield Pair(first + place, other + place, same=True)
            else:
                for pair in zip_longest(range(first, past), range(other, past_other)):
                    yield Pair(*pair)
        ended = (group[-1][2], group[-1][4])
    if ended != (0, 0) and ended != (len(before), len(after)):
        yield GAP


class _InTime(SequenceMatcher[str]):
    def __init__(self, before: Sequence[str], after: Sequence[str], seconds: float) -> None:
        self._until = time.thread_time() + seconds
        super().__init__(None, before, after)

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Find nothing any more when the time is used up."""
        if time.thread_time() > self._until:
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)
