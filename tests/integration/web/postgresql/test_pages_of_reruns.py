"""The tests of the pages of reruns once more, on PostgreSQL."""

# ruff: noqa: F403  # all of their tests, those to come too
from tests.integration.web.pages.test_rerun_pages import *
