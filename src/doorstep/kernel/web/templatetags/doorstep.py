"""Tags and components of every page. `{% load doorstep %}`."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from doorstep.kernel.shared.place_codes import LEVEL_NAMES, level_of
from doorstep.kernel.web.assets import NotBuilt, bundle
from doorstep.kernel.web.figures import FigureView, Number, number_text, sparkline

register = template.Library()


@register.simple_tag
def vite_asset(name: str) -> SafeString:
    """Style sheets and script of a bundle: `{% vite_asset "desk" %}`. A comment where nothing is built yet."""
    try:
        found = bundle(name)
    except NotBuilt as reason:
        return format_html("<!-- {} -->", str(reason))
    return mark_safe(  # every part is escaped by format_html
        format_html_join("", '<link rel="stylesheet" href="{}">', ((static(path),) for path in found.styles))
        + format_html_join(
            "", '<link rel="modulepreload" href="{}">', ((static(path),) for path in found.preloads)
        )
        + format_html('<script type="module" src="{}"></script>', static(found.script))
    )


@register.filter
def number(value: Number | None) -> str:
    """1234.5 → 1,234.5; an em dash for what is unknown."""
    return "—" if value is None or value == "" else number_text(value)


@register.filter
def level_name(code: str) -> str:
    """街道, 社区 … of a place code."""
    return str(LEVEL_NAMES[level_of(code)])


@register.inclusion_tag("web/components/figure.html")
def figure(shown: FigureView, heading: str = "") -> dict[str, Any]:
    """One figure: `{% figure view %}`. Put several into `<ul class="figures">` or `<ul class="figure-rows">`."""
    return {"figure": shown, "spark": sparkline(shown.trend), "heading": heading}


@register.inclusion_tag("web/components/sparkline.html", name="sparkline")
def sparkline_tag(values: list[Number | None]) -> dict[str, Any]:
    """A trend as a small line drawn on the server: `{% sparkline values %}`."""
    return {"spark": sparkline(values)}


@register.inclusion_tag("web/components/chart.html")
def chart(name: str, data: dict[str, Any], period_name: str = "") -> dict[str, Any]:
    """A chart with its table of numbers beneath: `{% chart "trend" data %}`.

    name: unique on the page. data: kind ("line" or "bar"), labels, unit, description, series [{name, values}];
    a period without records is None.
    """
    rows = list(zip(data["labels"], *(series["values"] for series in data["series"]), strict=True))
    return {"name_id": f"{name}-data", "data": data, "rows": rows, "period_name": period_name}


@register.simple_tag(takes_context=True)
def address_with(context: dict[str, Any], **changes: Any) -> str:
    """This page's address with query parameters changed; None or "" takes one away. For chips, sorting, dates."""
    query: QueryDict = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else context["request"].path


@register.filter
def as_json(value: Any) -> str:
    """JSON for a data attribute (the template escapes it)."""
    return json.dumps(value, ensure_ascii=False, default=str)
