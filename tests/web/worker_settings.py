"""Settings of a worker in a process of its own, which knows the tests' registers."""

from tests.settings import *  # noqa: F403  settings are names
from tests.settings import INSTALLED_APPS as PLATFORM

INSTALLED_APPS = [*PLATFORM, "tests.web.books"]
