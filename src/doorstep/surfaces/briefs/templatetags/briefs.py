"""The runs of a brief on the page: a figure is underlined with dots, says its sentence, and opens its rows."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.selectors import Figure
from doorstep.surfaces.briefs.builder import Brief, figure_text

register = template.Library()


@register.simple_tag
def brief_run(run: str | Figure, brief: Brief) -> SafeString:
    if isinstance(run, str):
        return conditional_escape(run)
    linked = format_html(
        '<a class="brief-figure" href="{}" title="{}">{}</a>',
        rows_address(run.key, run.scope),
        run.sentence,
        figure_text(run),
    )
    if brief.compared_on is None or run.previous is None:
        return linked
    words = _("{day} 为 {value}").format(day=brief.compared_on, value=run.previous)
    return format_html('{}<span class="brief-before" title="{}">（{}）</span>', linked, words, run.previous)
