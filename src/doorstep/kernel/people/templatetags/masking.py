"""`{% load masking %} {{ person|masked:"phone" }}` and, for plain values, `{{ number|mask:"phone" }}`."""

from __future__ import annotations

from django import template

from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import masked as masked_value

register = template.Library()


@register.filter
def masked(person: Person | None, field: str) -> str:
    """A person's phone, identity number or name, masked; empty where there is none."""
    return "" if person is None else masked_value(person, field)


@register.filter
def mask(value: str, field: str) -> str:
    """A value already at hand, masked as `field` is."""
    return MASKS[field](str(value or ""))
