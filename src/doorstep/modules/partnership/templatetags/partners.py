"""`{% load partners %} {{ names|of:row.unit_id }}`: a name from a table of names, empty where there is none; `{{ row|votes }}`: how a
resolution was voted on."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from doorstep.modules.partnership.models import Resolution
from doorstep.modules.partnership.wording import tally_words

register = template.Library()


@register.filter
def of(names: Mapping[int, str], number: int) -> str:
    return names.get(number, "")


@register.filter
def votes(row: Resolution) -> str:
    return tally_words(row)
