"""Which database, and as which role.

The owner role makes and changes tables; the application role owns nothing, so that append-only tables stay
append-only whatever the application does. DATABASE_URL names a PostgreSQL server as its owner role and
DATABASE_APP_URL as its application role; without the second, an application role of its own is made there.
Without either, the embedded cluster of this checkout is used. DOORSTEP_DB_ROLE=owner is set for migrations alone.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from doorstep.launch.postgres import APPLICATION, OWNER, Cluster
from doorstep.launch.secret_keys import kept_secret

DATABASE_NAME = "doorstep"
CONNECT_SECONDS = 5  # one that does not answer is away, and the page says so


def is_embedded() -> bool:
    """True when the database is the embedded cluster, False when DATABASE_URL names a server."""
    return not os.environ.get("DATABASE_URL")


def cluster() -> Cluster:
    """The embedded cluster in use: "run", or "test" for tests."""
    return Cluster(os.environ.get("DOORSTEP_CLUSTER", "run"))


def database_name() -> str:
    if given := os.environ.get("DATABASE_URL"):
        return unquote(urlsplit(given).path.lstrip("/"))
    return os.environ.get("DOORSTEP_DATABASE", DATABASE_NAME)


def application_role() -> str:
    """Name of the database role the application runs as; migrations revoke rights from it."""
    if is_embedded():
        return APPLICATION
    if given := os.environ.get("DATABASE_APP_URL"):
        return unquote(urlsplit(given).username or "")
    return f"{database_name()}_app"


def database_url(role: str | None = None, database: str | None = None) -> str:
    """URL for "owner" or "application" (default: DOORSTEP_DB_ROLE, else application)."""
    role = role or os.environ.get("DOORSTEP_DB_ROLE", "application")
    database = database or database_name()
    if is_embedded():
        return cluster().url(OWNER if role == "owner" else APPLICATION, database)
    if role == "owner":
        return _with(urlsplit(os.environ["DATABASE_URL"]), database)
    if given := os.environ.get("DATABASE_APP_URL"):
        return _with(urlsplit(given), database)
    made = (application_role(), kept_secret("application-role-password"))
    return _with(urlsplit(os.environ["DATABASE_URL"]), database, made)


def _with(parts: SplitResult, database: str, account: tuple[str, str] | None = None) -> str:
    address = parts.netloc
    if account:
        name, password = account
        address = f"{quote(name)}:{quote(password)}@{parts.netloc.rpartition('@')[2]}"
    return parts._replace(netloc=address, path=f"/{quote(database)}").geturl()


def connection_settings(role: str | None = None) -> dict[str, Any]:
    """Django's DATABASES entry for that URL."""
    parts = urlsplit(database_url(role))
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    options.setdefault("connect_timeout", str(CONNECT_SECONDS))
    options["prepare_threshold"] = None  # what is kept ready says so itself (kernel/shared/ready.py)
    host = options.pop("host", None) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
