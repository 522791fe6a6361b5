"""What is refused, in the shape of the specification: a list of codes and descriptions, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.surfaces.open311.answers import Answer

# Fields of the platform by the parameters of the specification that carry them.
PARAMETERS = {
    "position": "lat, long", "place_code": "lat, long, address_string, address_id", "building_id": "address_id",
    "address": "address_string", "text": "description", "title": "description", "item": "service_code",
    "urgency": "attribute[urgency]", "key": "Idempotency-Key",
}  # fmt: skip


class Fault(Exception):
    """A refusal. `words` is translated when it is said, `values` stand in it."""

    def __init__(self, status: int, words: Promise, **values: object) -> None:
        super().__init__(status)
        self.status, self.words, self.values = status, words, values

    def description(self) -> str:
        return in_both(self.words, self.values)


def in_both(words: Promise, values: Mapping[str, object] | None = None) -> str:
    """Chinese, then English."""
    said = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said.append(str(words) % (values or {}))
    return " ".join(said)


def answer_of(fault: Fault | Refused) -> Answer:
    if isinstance(fault, Fault):
        return _errors(fault.status, fault.description())
    return _errors(_status_of(fault), _said(fault))


def _errors(status: int, description: str) -> Answer:
    told: list[dict[str, Any]] = [{"code": status, "description": description}]
    return Answer("errors", told, status)


def _said(refusal: Refused) -> str:
    """The platform's own sentence, and in English which parameters it is about."""
    named = PARAMETERS.get(refusal.field, refusal.field)
    return f"{refusal.message} (Not accepted: {named or 'the report'}.)"


def _status_of(refusal: Refused) -> int:
    """An item that is not on the list is "not found" by the specification; what else cannot be taken is a bad request."""
    if isinstance(refusal, NotVisible):
        return 404
    if isinstance(refusal, NotAllowed):
        return 403
    return 400
