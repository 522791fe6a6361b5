"""Pages of an import: upload, columns, rehearsal, choice, progress, outcome."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.declarations.registers import Importer, Register
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.frame.naming import names_of
from doorstep.kernel.web.imports import services, workbooks
from doorstep.kernel.web.imports.bounds import Unreadable
from doorstep.kernel.web.imports.mapping import default_place
from doorstep.kernel.web.imports.sheets_xml import letters
from doorstep.kernel.web.models import ImportJob
from doorstep.kernel.web.register_pages.asking import Asked, ask
from doorstep.kernel.web.register_pages.exporting import TYPES
from doorstep.kernel.web.register_pages.views import staff_page

SHOWN_PROBLEMS = 100
RECENT = 10
STEPS = {"uploaded": 1, "mapping": 2, "checking": 3, "checked": 3, "applying": 4, "done": 4}
View = Callable[..., HttpResponse]


def _asked(request: HttpRequest, key: str) -> tuple[Asked, Importer]:
    asked = ask(request, key)
    importer = asked.register.importer
    if importer is None or not asked.actor.holds_somewhere(importer.capability):
        raise Http404
    return asked, importer


def import_page(view: View) -> Callable[..., HttpResponseBase]:
    """Finds the person's own job; anybody else's does not exist."""

    @wraps(view)
    def found(request: HttpRequest, key: str, job_id: int) -> HttpResponse:
        asked, importer = _asked(request, key)
        try:
            job = services.job_of(asked.actor, key, job_id)
        except NotVisible:
            raise Http404 from None
        return view(request, asked, importer, job)

    return staff_page(found)


@staff_page
@require_http_methods(["GET", "POST"])
def import_start(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a file; below, what one imported here lately."""
    asked, importer = _asked(request, key)
    trouble = ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None:
            trouble = _("请选择一个文件。")
        else:
            try:
                job = services.start(
                    asked.actor, found=asked.register, place_code=asked.place_code, upload=upload
                )
            except Refused as refused:
                trouble = str(refused.message)
            else:
                return redirect("web:import_job", key, job.pk)
    mine = ImportJob.objects.filter(account_id=asked.account, register=key)
    stands = any(default_place(column, asked.place_code) for column in importer.columns)
    context = {
        "register": asked.register, "importer": importer, "trouble": trouble, "asked": asked,
        "place": names_of([asked.place_code]).get(asked.place_code, "") if stands else "",
        "columns": [(column, workbooks.how(column)) for column in importer.columns],
        "recent": mine.order_by("-id").defer("layout", "problems", "warnings", "mapping", "notes")[:RECENT],
        "step": 1,
    }  # fmt: skip
    return render(request, "web/imports/start.html", context, status=422 if trouble else 200)


@staff_page
@require_GET
def import_template(request: HttpRequest, key: str) -> HttpResponse:
    """The workbook to fill in."""
    asked, _importer = _asked(request, key)
    return _workbook(
        workbooks.template(asked.register), _("{name}-导入模板.xlsx").format(name=asked.register.name)
    )


@import_page
@require_GET
def import_job(request: HttpRequest, asked: Asked, importer: Importer, job: ImportJob) -> HttpResponse:
    """Where the import stands. For htmx, while it works, only the progress; once it stops working, the whole page."""
    if request.headers.get("HX-Request") == "true":
        if job.is_working:
            return render(request, "web/imports/_progress.html", _context(asked.register, importer, job))
        answer = HttpResponse(status=200)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "web/imports/job.html", _context(asked.register, importer, job))


@import_page
@require_POST
def import_step(request: HttpRequest, asked: Asked, importer: Importer, job: ImportJob) -> HttpResponse:
    """One decision of the person: `do` is look, map, remap, apply, resume or cancel."""
    actor, sent = asked.actor, request.POST
    steps: dict[str, Callable[[], ImportJob]] = {
        "look": lambda: services.look_again(
            actor, job, sheet=sent.get("sheet", ""), header_row=_number(sent.get("header_row"), 1)
        ),
        "map": lambda: services.map_columns(actor, job, columns=_columns(importer, sent)),
        "remap": lambda: services.remap(actor, job),
        "apply": lambda: services.confirm(actor, job, mode=sent.get("mode", "")),
        "resume": lambda: services.resume(actor, job),
        "cancel": lambda: services.cancel(actor, job),
    }
    step = steps.get(sent.get("do", ""))
    if step is None:
        raise Http404
    try:
        step()
    except NotVisible:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, str(refused.message))
        if sent.get("do") == "map" and job.state == "mapping":
            services.note_columns(actor, job, columns=_columns(importer, sent))
    return redirect("web:import_job", asked.register.key, job.pk)


@import_page
@require_GET
def import_problems(request: HttpRequest, asked: Asked, importer: Importer, job: ImportJob) -> HttpResponse:
    """The rows with problems as a workbook, while the file is kept."""
    if not job.file or not job.problems:
        raise Http404
    try:
        body = workbooks.problems(job)
    except (Unreadable, FileNotFoundError):
        raise Http404 from None
    return _workbook(body, _("{name}-有问题的行.xlsx").format(name=asked.register.name))


def _workbook(body: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=TYPES["xlsx"])
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def _number(text: str | None, usual: int) -> int:
    found = whole_number(text, 4)
    return usual if found is None else found


def _columns(importer: Importer, sent: Any) -> dict[str, int]:
    found = {}
    for column in importer.columns:
        at = whole_number(sent.get(f"column-{column.key}"))
        if at is not None:
            found[column.key] = at
    return found


def _context(register: Register, importer: Importer, job: ImportJob) -> dict[str, Any]:
    headings = job.layout.get("headings", [])
    sample = [row for row in job.layout.get("head", [])[job.header_row :] if any(row)][:3]
    heard = [
        (
            index,
            f"{letters(index + 1)} {text or _('（没有表头）')}",
            "、".join(row[index] for row in sample if index < len(row) and row[index]),
        )
        for index, text in enumerate(headings)
    ]
    return {
        "register": register, "importer": importer, "job": job, "step": STEPS.get(job.state, 0),
        "address": reverse("web:import_job", args=[register.key, job.pk]),
        "step_address": reverse("web:import_step", args=[register.key, job.pk]),
        "headings": heard,
        "columns": [
            (column, job.mapping.get(column.key), workbooks.how(column), default_place(column, job.place_code))
            for column in importer.columns
        ],
        "place": names_of([job.place_code]).get(job.place_code, "") if job.state == "mapping" else "",
        "mapped": [
            (column.name, f"{letters(job.mapping[column.key] + 1)} {headings[job.mapping[column.key]]}")
            for column in importer.columns
            if column.key in job.mapping and job.mapping[column.key] < len(headings)
        ],
        "unused": [
            text for index, (_at, text, _sample) in enumerate(heard) if index not in job.mapping.values()
        ] if job.mapping else [],
        "rows": [(number, row) for number, row in enumerate(job.layout.get("head", []), start=1)],
        "problems": [
            (workbooks.where(job, key, row), str(importer.column(key).name) if key in job.mapping else "", text)
            for row, key, text in job.problems[:SHOWN_PROBLEMS]
        ],
        "warnings": [
            (workbooks.where(job, key, row), str(importer.column(key).name) if key in job.mapping else "", text)
            for row, key, text in job.warnings[:SHOWN_PROBLEMS]
        ],
        "shown_problems": SHOWN_PROBLEMS, "to_write": job.added + job.changed,
    }  # fmt: skip
