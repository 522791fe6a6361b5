"""What a browser that has signed in is known by."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class BrowserSession(AbstractBaseSession):
    """One session, and the account that is signed in by it: both are read by one question, and it goes with the account."""

    account = models.ForeignKey(
        "authority.Account", on_delete=models.CASCADE, null=True, related_name="browser_sessions"
    )

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from doorstep.kernel.authority.sessions import SessionStore

        return SessionStore
