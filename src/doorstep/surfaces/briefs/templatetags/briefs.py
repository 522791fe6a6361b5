"""The runs of a brief on the page: a figure is underlined with dots, says its sentence, and opens its rows."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.selectors import Figure
from doorstep.surfaces.briefs.builder import Break, Brief, figure_text, previous_text

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
    before = previous_text(run)
    if run.indicator.kind == "stock":
        words = _("{day} 为 {value}").format(day=brief.compared_on, value=before)
    else:
        words = _("{since} 至 {day} 为 {value}").format(
            since=brief.compared_since, day=brief.compared_on, value=before
        )
    return format_html(
        '{}<span class="brief-before">（<a href="{}" title="{}">{}</a>）</span>',
        linked,
        brief.rows_before(run),
        words,
        before,
    )


@register.simple_tag
def breaks_address(brief: Brief, item: Break) -> str:
    """Where the breaks of this kind are listed."""
    return brief.breaks_address(item)
