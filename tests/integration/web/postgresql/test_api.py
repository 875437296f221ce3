"""The tests of the API once more, on PostgreSQL."""

# ruff: noqa: F403  # all of their tests, those to come too
from tests.integration.web.test_bad_uploads import *
from tests.integration.web.test_events import *
from tests.integration.web.test_limits import *
from tests.integration.web.test_rerun_routes import *
from tests.integration.web.test_retries import *
from tests.integration.web.test_submission_routes import *
