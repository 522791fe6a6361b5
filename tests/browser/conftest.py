"""A server for the page of all components."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread


@pytest.fixture
def gallery(fresh_database: str) -> Iterator[str]:
    """A server for the page of all components; gives its address."""
    with override_settings(ROOT_URLCONF="tests.frontend.gallery", DEMO=True):
        thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        assert not thread.error
        yield f"http://127.0.0.1:{thread.port}"
        thread.terminate()
