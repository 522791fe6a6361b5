"""`{% load partners %} {{ names|of:row.unit_id }}`: a name from a table of names; empty where there is none."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of(names: Mapping[int, str], number: int) -> str:
    return names.get(number, "")
