"""The one refusal of this package."""

from __future__ import annotations


class Refused(ValueError):
    """What was given cannot be planned. The message is one Chinese sentence: what, where, and what to do."""
