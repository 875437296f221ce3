"""Who asks, and what their part in a course lets them do."""

from dataclasses import dataclass
from enum import StrEnum

# The typographer's apostrophe, and marks that \w leaves out: vowel signs and accents on their own.
_BESIDES = "\u2019\u0300-\u036f\u064b-\u065f\u0900-\u0dff\u0e00-\u0e7f"
NAME_PATTERN = rf"^[\w.@+-][\w.@+ '{_BESIDES}-]{{0,99}}$"


class Role(StrEnum):
    """A person's part in a course."""

    STUDENT = "student"
    ASSISTANT = "assistant"
    INSTRUCTOR = "instructor"

    @property
    def is_staff(self) -> bool:
        """Return whether this part sees every student's submissions."""
        return self is not Role.STUDENT


@dataclass(frozen=True)
class Grant:
    """Whom a link signs in, and as what. Without a `course` its role holds in every course."""

    person: str
    role: Role
    course: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Identity:
    """Who a token stands for. Without a `course` its role holds in every course."""

    person_id: int
    name: str
    role: Role
    course: str | None = None

    def enters(self, course: str) -> bool:
        """Return whether this token is good for `course` at all."""
        return self.course is None or self.course == course

    def is_staff_of(self, course: str) -> bool:
        """Return whether they see all of `course`."""
        return self.role.is_staff and self.enters(course)

    def is_instructor_of(self, course: str) -> bool:
        """Return whether they may decide who takes part in `course`."""
        return self.role is Role.INSTRUCTOR and self.enters(course)
