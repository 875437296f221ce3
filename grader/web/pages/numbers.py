"""Numbers that an address or a form of a page names: what is none is taken as not given."""

_DIGITS = 9  # at most


def number_in(text: str) -> int | None:
    """Return the number that a text is, or None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
