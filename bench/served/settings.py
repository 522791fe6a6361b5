"""The platform's settings, with the addresses of the bare pages beside its own."""

from __future__ import annotations

from doorstep.config.settings import *  # noqa: F403  the same settings is the point

ROOT_URLCONF = "bench.served.urls"
