"""One view for all registers: list, panel, page, print, text, columns, export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.declarations.registers import Column, Filter
from doorstep.kernel.places.models import Area, Grid, standing
from doorstep.kernel.shared.place_codes import LENGTHS, parent_of, within
from doorstep.kernel.web.frame.naming import names_of, place_page
from doorstep.kernel.web.models import ColumnChoice
from doorstep.kernel.web.register_pages import cells, exporting
from doorstep.kernel.web.register_pages.asking import Asked, ask, choices_of, places_of
from doorstep.kernel.web.register_pages.history import history_of
from doorstep.kernel.web.register_pages.paging import COUNTED, page_of
from doorstep.kernel.web.sheets_out import download

PRINTED = 2000
TEXT_LINES = 200
View = Callable[..., HttpResponseBase]


def staff_page(view: View) -> View:
    """Signed-in people only; who is nobody yet signs in first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if actor_of(request).is_anonymous:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


@staff_page
@require_GET
def register_list(request: HttpRequest, key: str) -> HttpResponse:
    """The list: one page of rows, the sentence, the filters."""
    asked = ask(request, key)
    elsewhere = asked.register.search.elsewhere
    if elsewhere and (address := elsewhere(asked.text)):
        return redirect(address)
    columns = columns_of(asked)
    rows = cells.joined(asked.register, asked.rows, columns)
    page = page_of(
        rows, asked.register.order, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    around = places_around(asked)
    lines, names = lines_of(asked, columns, page.rows, _names_for_cells(around))
    context = _frame(asked, names) | {
        "places": around or [("", _("我负责的范围"))],
        "page_of_rows": page, "lines": lines, "columns": columns, "counted": COUNTED,
        "headings": [(cells.heading(asked.register, column), column) for column in columns],
        "chosen": {column.key for column in columns},
        "choosable": [(cells.heading(asked.register, column), column) for column in asked.register.columns],
        "filters": [(rule, *_chosen(asked, rule), _options(rule)) for rule in asked.register.filters],
        "next_url": _address(asked, after=page.after) if page.after else "",
        "previous_url": _address(asked, before=page.before) if page.before else "",
    }  # fmt: skip
    return render(request, "web/registers/list.html", context)


@staff_page
@require_GET
def register_record(request: HttpRequest, key: str, pk: str) -> HttpResponse:
    """One record with its history: a panel for htmx, else a page. 404 where it does not exist for the reader."""
    asked = ask(request, key)
    register = asked.register
    rows = cells.joined(register, register.visible(asked.actor, asked.on), register.columns)
    try:
        row = rows.get(pk=pk)
    except (ObjectDoesNotExist, ValueError):
        raise Http404 from None
    lines, names = lines_of(asked, register.columns, [row])
    context = _frame(asked, names) | {
        "row": row, "title": lines[0]["cells"][0],
        "facts": [
            (cells.heading(register, column), text)
            for column, text in zip(register.columns, lines[0]["cells"], strict=True)
        ],
        "history": history_of(register.history(row) if register.history else [row]),
        "links": list(register.links(asked.actor, row)) if register.links else [],
        "own_page": register.detail(row) if register.detail else "",
        "address": reverse("web:record", args=[register.key, row.pk]),
    }  # fmt: skip
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"web/registers/{'_record' if part else 'record'}.html", context)


@staff_page
@require_GET
def register_print(request: HttpRequest, key: str) -> HttpResponse:
    """The rows as a document for paper, at most PRINTED of them. 404 without the right to export."""
    asked = _asked_to_take(request, key)
    columns = columns_of(asked)
    sentence = asked.sentence(place_name(asked, {}))
    rows, more = exporting.taken(asked, columns, "print", sentence, PRINTED)
    lines, names = lines_of(asked, columns, rows)
    context = _frame(asked, names) | {
        "lines": lines, "headings": [(cells.heading(asked.register, column), column) for column in columns],
        "cut": more, "limit": PRINTED,
    }  # fmt: skip
    return render(request, "web/registers/print.html", context)


@staff_page
@require_GET
def register_text(request: HttpRequest, key: str) -> HttpResponse:
    """The rows as plain text for a chat group; for htmx in a panel with its copy button. 404 without the right to
    export."""
    asked = _asked_to_take(request, key)
    text = text_of(asked)
    if request.headers.get("HX-Request") == "true":
        return render(request, "web/registers/_text.html", {"text": text, "register": asked.register})
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@staff_page
@require_POST
def choose_columns(request: HttpRequest, key: str) -> HttpResponse:
    """Remember which columns this account wants to see; none chosen brings the usual ones back."""
    asked = ask(request, key)
    wanted = set(request.POST.getlist("column"))
    columns = [column.key for column in asked.register.columns if column.key in wanted]
    ColumnChoice.objects.update_or_create(
        account_id=asked.account, register=key, defaults={"columns": columns}
    )
    back = request.POST.get("query", "")
    return redirect(reverse("web:register", args=[key]) + (f"?{back}" if back else ""))


@staff_page
@require_GET
def register_export(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The rows as a file. 404 without the right to export."""
    asked = _asked_to_take(request, key)
    columns = list(asked.register.columns) if request.GET.get("columns") == "all" else columns_of(asked)
    sentence = asked.sentence(place_name(asked, {}))
    name = f"{asked.register.name}-{place_name(asked, {}) or asked.place_code}-{asked.on:%Y%m%d}.{form}"
    pieces = exporting.export(asked, columns, form, sentence)
    return download(pieces, name, exporting.TYPES[form])


def _asked_to_take(request: HttpRequest, key: str) -> Asked:
    """A register asked for as a file, on paper or as text. Raises Http404 without the right to export."""
    asked = ask(request, key)
    if not exporting.may_export(asked.actor, asked.register):
        raise Http404
    return asked


def columns_of(asked: Asked) -> list[Column]:
    """The columns this account chose, else those the declaration shows."""
    columns = asked.register.columns
    choice = ColumnChoice.objects.filter(account_id=asked.account, register=asked.register.key).first()
    chosen = [column for column in columns if choice and column.key in choice.columns]
    return chosen or [column for column in columns if column.shown]


def lines_of(
    asked: Asked, columns: Sequence[Column], rows: list[Any], known: dict[str, str] | None = None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Rows as words, with the names of the places among them and of the page's place: at most two queries."""
    register = asked.register
    if register.prepare:
        register.prepare(rows, asked.on)
    readers = [cells.reader(register, column) for column in columns]
    values = [[read(row) for read in readers] for row in rows]
    names = cells.place_names(columns, values, known or {}, asked.place_code)
    kinds = [cells.kind_of(register, column) for column in columns]
    lines = []
    for row, line in zip(rows, values, strict=True):
        texts = [cells.words(column, value, names) for column, value in zip(columns, line, strict=True)]
        lines.append({"row": row, "cells": texts, "pairs": list(zip(kinds, texts, strict=True))})
    return lines, names


def text_of(asked: Asked) -> str:
    """For a chat group: the sentence, then a line for each row, its cells parted by ；."""
    columns = columns_of(asked)
    sentence = asked.sentence(place_name(asked, {}))
    rows, more = exporting.taken(asked, columns, "text", sentence, TEXT_LINES)
    lines, _names = lines_of(asked, columns, rows)
    out = [sentence, ""]
    for number, line in enumerate(lines, start=1):
        first, *rest = zip(columns, line["cells"], strict=True)
        said = [
            f"{cells.heading(asked.register, column)}：{text}"
            for column, text in rest
            if text != cells.UNKNOWN
        ]
        out.append(f"{number}. {first[1]}" + (f"（{'；'.join(said)}）" if said else ""))
    if not lines:
        out.append(_("没有记录。"))
    if more:
        out.append(_("（只列前 {n} 条，其余请在平台上看。）").format(n=TEXT_LINES))
    return "\n".join(out) + "\n"


def places_around(asked: Asked) -> list[tuple[str, str]]:
    """Where the reader may go from here: one step up, here, one step down; all within their own. One query."""
    code, own = asked.place_code, places_of(asked.actor, asked.register)
    if not code:
        found = names_of(own)
        return [("", _("我负责的范围")), *sorted(found.items())] if own else []
    parent = parent_of(code)
    up = [parent] if parent and any(parent.startswith(place) for place in own) else []
    if len(code) >= LENGTHS["community"]:
        community = code[: LENGTHS["community"]]
        below = Grid.objects.in_force(asked.on).filter(within("code", [code]))
        named = Area.objects.filter(code__in=[*up, community]).values_list("code", "name")
        return sorted(named.union(below.values_list("code", "name")))
    near = Area.objects.filter(Q(code__in=[*up, code]) | (Q(parent_id=code) & standing(asked.on)))
    around = sorted(near.values_list("code", "name"))
    return [("", _("我负责的范围")), *around] if len(own) > 1 else around


def _names_for_cells(around: list[tuple[str, str]]) -> dict[str, str]:
    """Names known already; a grid's is read anew, as a cell may say its community too."""
    return {code: name for code, name in around if len(code) < LENGTHS["grid"]}


def place_name(asked: Asked, names: dict[str, str]) -> str:
    """The page's place in words; 404 for a code nobody gave out."""
    if not asked.place_code:
        return _("我负责的范围")
    found = names.get(asked.place_code) or names_of([asked.place_code]).get(asked.place_code, "")
    if not found or found == asked.place_code:
        raise Http404
    return found


def _frame(asked: Asked, names: dict[str, str]) -> dict[str, Any]:
    register, place = asked.register, place_name(asked, names)
    importer = register.importer
    return {
        "register": register, "asked": asked, "place": place, "sentence": asked.sentence(place),
        "chips": [(active.words, _address(asked, **{active.filter.key: None})) for active in asked.active],
        "query": asked.query.urlencode(), "reset_url": _reset(asked),
        "can_export": exporting.may_export(asked.actor, register),
        "can_import": importer is not None and asked.actor.holds_somewhere(importer.capability),
        "actions": list(register.actions(asked.actor, asked.place_code)) if register.actions else [],
        "clear_search_url": _address(asked, q=None),
        "without_figure_url": _address(asked, figure=None, figure_since=None), "trend_url": _trend_address(asked),
    }  # fmt: skip


def _trend_address(asked: Asked) -> str:
    """Where the figure whose rows these are is drawn over time and one level down; "" without one."""
    page = place_page(asked.figure.scope.place_code) if asked.figure else ""
    return (
        f"{page}?{urlencode({'indicator': asked.query['figure'], 'on': asked.on.isoformat()})}"
        if page
        else ""
    )


def _address(asked: Asked, **changes: str | None) -> str:
    """The list's address with parameters changed; paging starts anew unless it is what changes."""
    query = asked.query.copy()
    for key in ("after", "before"):
        query.pop(key, None)
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = value
    base = reverse("web:register", args=[asked.register.key])
    return f"{base}?{query.urlencode()}" if query else base


def _reset(asked: Asked) -> str:
    return _address(asked, q=None, **{rule.key: None for rule in asked.register.filters})


def _chosen(asked: Asked, rule: Filter) -> tuple[str, str]:
    """What stands in the filter's field: the text of the address, and the name of a chosen place. A place that was
    not understood stays there, to be put right."""
    for active in asked.active:
        if active.filter.key == rule.key:
            return active.text, active.name
    return (asked.query.get(rule.key, ""), "") if rule.kind == "place" else ("", "")


def _options(rule: Any) -> list[tuple[str, str]]:
    if rule.kind == "choice":
        return choices_of(rule)
    if rule.kind in ("bool", "exists"):
        return [("yes", str(rule.phrase)), ("no", str(rule.phrase_no))]
    return []
