"""Switches of the environment, such as DEMO=1."""

from __future__ import annotations

import os


def is_on(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}
