"""What several cases need."""

import pytest

import houses as data


@pytest.fixture
def houses(assignment, assignment_folder):
    """Return the assignment's data."""
    return data.load(assignment.data_source, assignment_folder)
