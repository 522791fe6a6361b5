"""Which database, and as which role.

The owner role makes and changes tables; the application role owns nothing, so that append-only tables stay
append-only whatever the application does. DATABASE_URL names a PostgreSQL server as its owner role and
DATABASE_APP_URL as its application role; without them the embedded cluster of this checkout is used.
DOORSTEP_DB_ROLE=owner is set for migrations alone.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from doorstep.launch.postgres import APPLICATION, OWNER, Cluster

DATABASE_NAME = "doorstep"


def database_url(role: str | None = None) -> str:
    """URL for "owner" or "application" (default: DOORSTEP_DB_ROLE, else application)."""
    role = role or os.environ.get("DOORSTEP_DB_ROLE", "application")
    given = os.environ.get("DATABASE_URL")
    if given:
        return given if role == "owner" else os.environ.get("DATABASE_APP_URL", given)
    cluster = Cluster(os.environ.get("DOORSTEP_CLUSTER", "run"))
    return cluster.url(
        OWNER if role == "owner" else APPLICATION, os.environ.get("DOORSTEP_DATABASE", DATABASE_NAME)
    )


def connection_settings(role: str | None = None) -> dict[str, Any]:
    """Django's DATABASES entry for that URL."""
    parts = urlsplit(database_url(role))
    options: dict[str, Any] = dict(parse_qsl(parts.query))
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
