"""Reading the record of who changed what."""

from grader.domain.audit import AuditEntry
from grader.domain.people import Identity
from grader.errors import NotFound
from grader.storage import audit
from grader.workflow.service import Service


def list_audit(
    service: Service, identity: Identity, course: str, before: int | None, limit: int
) -> list[tuple[int, AuditEntry]]:
    """Return what was done in a course with its ids, newest first.

    Raises:
        NotFound: there is no such course for this identity, or it is a student's.
    """
    if not identity.is_staff_of(course):
        raise NotFound("There is no such course.")
    with service.database.reading() as session:
        return audit.listed(session, course, before, limit)
