"""Counting what goes on."""

from grader.domain.traffic import Traffic
from grader.storage import traffic
from grader.workflow.service import Service


def read_traffic(service: Service) -> Traffic:
    """Count all runs of the database."""
    with service.database.reading() as session:
        return traffic.traffic(session)
