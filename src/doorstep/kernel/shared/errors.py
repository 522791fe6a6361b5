"""Refusals, each said in the user's words. A view shows `message`; nothing was written."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise

Text = str | Promise


class Refused(Exception):
    """A service refused. `field` names the input at fault, `clause` the rule it breaks, `page` where it is mended."""

    def __init__(self, message: Text, *, field: str = "", clause: Text = "", page: str = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field
        self.clause = clause
        self.page = page


class RuleViolation(Refused):
    """The input breaks a rule of the field or of the data."""


class NotAllowed(Refused):
    """The actor can see the record but may not do this to it."""


class NotVisible(Refused):
    """For this actor the record does not exist; pages answer 404."""


class Conflict(Refused):
    """Somebody else changed the record meanwhile; the message says who, when and what."""


def error_data(
    code: str, message: Text, field: dict[str, str] | None = None, clause: Text = ""
) -> dict[str, dict[str, Any]]:
    """A refusal for a program, in the one shape that every address of the API answers with.

    `field`: the input at fault, as {"name", "zh", "en"}.
    """
    return {"error": {"code": code, "message": str(message), "field": field, "clause": str(clause)}}
