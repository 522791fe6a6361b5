"""Sessions in the database. A page of somebody signed in begins with one question: the session with its account and person,
and how the kept tables stand. It is composed once.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db.models.expressions import RawSQL
from django.utils import timezone

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.models_sessions import BrowserSession
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.kept import WHOLE
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.prepared import Prepared

OWN, PERSONS = ([field.attname for field in model._meta.concrete_fields] for model in (Account, Person))
Row = tuple[Any, ...]  # the columns of an account, of its person, and how the kept tables stand


def columns(way: str = "") -> list[Any]:
    """What a `Row` is read from, where `way` leads to the account."""
    return [
        *(f"{way}{name}" for name in OWN),
        *(f"{way}person__{name}" for name in PERSONS),
        RawSQL(WHOLE, []),
    ]


_LONG_AGO = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
_WITH_ACCOUNT = Prepared(
    lambda key, now: BrowserSession.objects.filter(session_key=key, expire_date__gt=now).values_list(
        "session_data", *columns("account__")
    ),
    "a-key-of-no-session", _LONG_AGO,
)  # fmt: skip
_asked: ContextVar[SessionStore | None] = ContextVar("asked", default=None)


class SessionStore(db.SessionStore):
    _account: Row | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def load(self) -> dict[str, Any]:
        # the wall's clock, as the framework has it: a day held fixed must not keep sessions open
        for data, *account in _WITH_ACCOUNT(self.session_key, timezone.now()):
            self._account = tuple(account)
            found: dict[str, Any] = self.decode(data)
            return found
        self._session_key = None
        return {}

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(_opened(session_data))
        return found

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        assert isinstance(row, BrowserSession)
        row.account_id = whole_number(str(data.get(SESSION_KEY, "")))
        return row

    def account_of(self, account_id: Any) -> Row | None:
        """The account that came with the session, if it is that one."""
        row = self._account
        return row if row is not None and row[0] is not None and str(row[0]) == str(account_id) else None


@lru_cache(maxsize=2000)
def _opened(session_data: bytes | str) -> str:
    """What the framework reads in it, as text: its seal is looked at once, not with each page of the same session."""
    return json.dumps(db.SessionStore().decode(session_data))


@contextlib.contextmanager
def asking(session: Any) -> Iterator[None]:
    """Whose session it is, is asked in this stretch: what came with it need not be read again."""
    token = _asked.set(session if isinstance(session, SessionStore) else None)
    try:
        yield
    finally:
        _asked.reset(token)


def brought_along(account_id: Any) -> list[Row]:
    """The row of the account, as a question would give it, where the session at hand brought it."""
    session = _asked.get()
    row = session.account_of(account_id) if session is not None else None
    return [] if row is None else [row]
