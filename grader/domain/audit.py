"""Who changed what of others', and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class AuditEntry:
    """One act on a course's scores or people; `details` are numbers and words of it."""

    at: datetime
    who: str
    course: str
    action: str
    subject: str
    details: Mapping[str, int | str | None] = field(default_factory=dict)
