"""Which messages tell of one mistake: those that say the same but for the numbers in them."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# Every run draws its own inputs, so no two students read the same numbers.
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)")
_HOW_MANY = "; … of … values differ"  # told only where it is more than one
_KEY_CHARACTERS = 10


@dataclass(frozen=True)
class CommonMistake:
    """A mistake that `students` made, as one of them is told; `key` names it in addresses."""

    key: str
    message: str
    students: int


def kind_of(message: str) -> str:
    """Return what a message says of the mistake: its first line, whatever the numbers."""
    first = message.partition("\n")[0]
    return " ".join(_NUMBER.sub("…", first).partition(_HOW_MANY)[0].split()).rstrip(".")


def key_of(message: str) -> str:
    """Return a short name of the mistake that a message tells of."""
    digest = hashlib.sha256(kind_of(message).encode(errors="surrogatepass"))
    return digest.hexdigest()[:_KEY_CHARACTERS]


def common_mistakes(told: Iterable[tuple[str, int]]) -> tuple[CommonMistake, ...]:
    """Gather (message, how many were told it) by mistake, the commonest first."""
    students: Counter[str] = Counter()
    examples: dict[str, tuple[int, str]] = {}
    for message, count in told:
        key = key_of(message)
        students[key] += count
        first = message.partition("\n")[0]
        if key not in examples or count > examples[key][0]:
            examples[key] = (count, first)
    return tuple(
        CommonMistake(key, examples[key][1], count)
        for key, count in sorted(students.items(), key=lambda pair: (-pair[1], pair[0]))
    )
