"""The platform's own settings, on the cluster for tests."""

import os

os.environ.pop("DATABASE_URL", None)
os.environ.pop("DATABASE_APP_URL", None)
# a cluster for each test process: what is "the oldest running transaction" counts for all databases of a cluster
os.environ["DOORSTEP_CLUSTER"] = "test" + os.environ.get("PYTEST_XDIST_WORKER", "")
# Playwright's own event loop runs in the thread of the test; our code never runs in it
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

from doorstep.config.settings import *  # noqa: F403  the environment above must be set first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
