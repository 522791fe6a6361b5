"""Sessions in the database, read by a query that is composed once: every page begins with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from doorstep.kernel.shared.prepared import Prepared

_LONG_AGO = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
_DATA = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now).values_list("session_data"),
    "a-key-of-no-session", _LONG_AGO,
)  # fmt: skip


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        # the wall's clock, as the framework has it: a day held fixed must not keep sessions open
        for (data,) in _DATA(self.session_key, timezone.now()):
            found: dict[str, Any] = self.decode(data)
            return found
        self._session_key = None
        return {}
