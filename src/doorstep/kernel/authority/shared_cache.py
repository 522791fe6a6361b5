"""Django's cache, held in the database: limits and used codes count for every process and machine together.

One row per key, in a table that is not logged: fast to write, gone after a crash of the database, which forgets no
more than some minutes of counting. `add` and `incr` are one statement each, so of two processes that come at once one
is told so. Values are JSON: reading them runs no code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from doorstep.kernel.shared.kept import WHOLE, listening
from doorstep.kernel.shared.ready import ask

_ALIVE = "expires > clock_timestamp()"
_EXPIRY = "clock_timestamp() + %s::float8 * interval '1 second'"
_PUT = f"""
INSERT INTO authority_shared_cache AS kept (key, value, expires)
VALUES (%s, %s, coalesce({_EXPIRY}, 'infinity'))
ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires
"""
_COUNT = f"""
INSERT INTO authority_shared_cache AS kept (key, value, expires)
VALUES {{rows}}
ON CONFLICT (key) DO UPDATE SET
    value = CASE WHEN kept.{_ALIVE} THEN (kept.value::bigint + 1)::text ELSE EXCLUDED.value END,
    expires = CASE WHEN kept.{_ALIVE} THEN kept.expires ELSE EXCLUDED.expires END
RETURNING key, value
"""
_COUNT_AND_HEAR = f"{_COUNT}, {WHOLE}"


class SharedCache(BaseCache):
    """What limits need of a cache. `LOCATION` is not used."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Whether the key was free. Of many at once exactly one is told True."""
        free = f"{_PUT} WHERE kept.expires <= clock_timestamp() RETURNING 1"
        return bool(ask(free, [self._key(key, version), json.dumps(value), self._seconds(timeout)]))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        found = ask(
            f"SELECT value FROM authority_shared_cache WHERE key = %s AND {_ALIVE}", [self._key(key, version)]
        )
        return json.loads(found[0][0]) if found else default

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        put = [self._key(key, version), json.dumps(value), self._seconds(timeout)]
        ask(f"{_PUT} RETURNING 1", put)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        statement = (
            f"UPDATE authority_shared_cache SET expires = coalesce({_EXPIRY}, 'infinity')"
            f" WHERE key = %s AND {_ALIVE} RETURNING 1"
        )
        return bool(ask(statement, [self._seconds(timeout), self._key(key, version)]))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """The number after adding. Raises ValueError where there is none; it ends when it would have."""
        found = ask(
            "UPDATE authority_shared_cache SET value = (value::bigint + %s::bigint)::text"
            f" WHERE key = %s AND {_ALIVE} RETURNING value",
            [delta, self._key(key, version)],
        )
        if not found:
            raise ValueError(f"no number under {key!r}")
        return int(found[0][0])

    def count(self, keys: Iterable[Any], seconds: float) -> dict[Any, int]:
        """One more for each key, in one statement: the numbers after it, each beginning at 1 for `seconds`."""
        named = {self._key(key, None): key for key in keys}
        rows = ", ".join([f"(%s, '1', {_EXPIRY})"] * len(named))
        values = [
            part for key in sorted(named) for part in (key, seconds)
        ]  # in one order, so that none waits in a ring
        stretch = listening()
        found = ask((_COUNT_AND_HEAR if stretch else _COUNT).format(rows=rows), values)
        if stretch:
            stretch.hear(found[0][2])
        return {named[row[0]]: int(row[1]) for row in found}

    def delete(self, key: Any, version: int | None = None) -> bool:
        gone = f"DELETE FROM authority_shared_cache WHERE key = %s RETURNING {_ALIVE}"
        found = ask(gone, [self._key(key, version)])
        return bool(found and found[0][0])

    def clear(self) -> None:
        ask("DELETE FROM authority_shared_cache RETURNING 1", [])

    def _key(self, key: Any, version: int | None) -> str:
        return str(self.make_and_validate_key(key, version))

    def _seconds(self, timeout: Any) -> float | None:
        """None for ever; zero or less has ended already."""
        return self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout


def forget_expired() -> None:
    """Rows whose time is over, from time to time: they count for nobody."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM authority_shared_cache WHERE NOT {_ALIVE}")
