"""Communities' pages: written and approved in office; published ones for anybody, with figures measured as they are read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.files import PICTURE
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import names_of
from doorstep.modules.coverage import forms_communities as forms
from doorstep.modules.coverage import selectors_communities as selectors
from doorstep.modules.coverage import services_pages as services
from doorstep.modules.coverage.compared import compared
from doorstep.modules.coverage.models_pages import (
    BRAND,
    DRAFT,
    KINDS,
    PUBLISHED,
    SUBMITTED,
    WITHDRAWN,
    CommunityPage,
)
from doorstep.modules.coverage.pages import communities, desk_page, form_page
from doorstep.modules.coverage.policies import WRITE

ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # a picture opened alone runs nothing


def _address(pk: int) -> str:
    return reverse("coverage:page", args=[pk])


def _words(data: dict[str, Any]) -> services.PageWords:
    own = {key: data[key] for key in ("name", "problem", "way", "effect", "since_day")}
    return services.PageWords(indicators=tuple(data["indicators"]), **own)


def _shown(row: CommunityPage) -> dict[str, Any]:
    return {
        "row": row, "figures": compared(row.place_code, row.indicators, row.since_day, clock.today()),
        "where": names_of({row.place_code}).get(row.place_code, ""), "today": clock.today(),
    }  # fmt: skip


@desk_page
@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A page in office: as residents would read it, and what can be done now."""
    actor = actor_of(request)
    row = selectors.page_seen(actor, pk)
    page_of(request).place_code = row.place_code
    policy = policy_for(CommunityPage)
    writes, approves = policy.can(actor, "write", row), policy.can(actor, "approve", row)
    own = services.has_written(actor, row)
    context = _shown(row) | {
        "writes": writes, "may_submit": writes and row.state in (DRAFT, WITHDRAWN),
        "may_approve": approves and row.state == SUBMITTED and not own, "own": own and row.state == SUBMITTED,
        "may_withdraw": approves and row.state == PUBLISHED, "is_public": row.state == PUBLISHED,
    }  # fmt: skip
    return render(request, "coverage/page.html", context)


@desk_page
def page_new(request: HttpRequest, kind: str) -> HttpResponse:
    actor = actor_of(request)
    if not actor.holds_somewhere(WRITE) or kind not in dict(KINDS):
        raise Http404
    taken = set(CommunityPage.objects.filter(kind=kind).values_list("place_code", flat=True))
    places = [place for place in communities(actor.places_for(WRITE)) if place[0] not in taken]
    form = forms.PageForm(
        places or [("", "—")], request.POST or None, initial={"place_code": request.GET.get("place", "")}
    )
    made: list[CommunityPage] = []

    def act() -> None:
        data = form.cleaned_data
        made.append(
            services.write_page(actor=actor, kind=kind, place_code=data["place_code"], words=_words(data))
        )

    title = _("写社区品牌") if kind == BRAND else _("写先进社区经验")
    note = "" if places else _("您这里的社区都已经有一页，请在那一页上改。")
    return form_page(
        request, form, act, lambda: _address(made[0].pk), _("已存好，看过以后送审。"), title=title, note=note,
        back=reverse("web:register", args=["coverage.pages"]),
    )  # fmt: skip


@desk_page
def page_change(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = selectors.page_seen(actor, pk)
    policy_for(CommunityPage).require(actor, "write", row)
    page_of(request).place_code = row.place_code
    initial = {
        key: getattr(row, key) for key in ("name", "problem", "way", "effect", "since_day", "indicators")
    }
    form = forms.PageForm([], request.POST or None, initial=initial | {"version": row.lock_version})

    def act() -> None:
        data = form.cleaned_data
        services.change_page(
            actor=actor, page_id=pk, words=_words(data), expected_version=data["version"] or 0
        )

    note = _("已发布的，改动以后要重新审核，审核前居民看不到。") if row.state == PUBLISHED else ""
    title = _("修改：%(name)s") % {"name": row.name}
    return form_page(
        request, form, act, _address(pk), _("已保存。"), title=title, back=_address(pk), note=note
    )


@desk_page
def page_picture(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = selectors.page_seen(actor, pk)
    policy_for(CommunityPage).require(actor, "write", row)
    page_of(request).place_code = row.place_code
    form = forms.PictureForm(request.POST or None, request.FILES or None)

    def act() -> None:
        data = form.cleaned_data
        services.add_picture(
            actor=actor, page_id=pk, upload=data["file"], caption=data["caption"], consent=data["consent"]
        )

    return form_page(
        request, form, act, _address(pk), _("照片已存好，重新审核后公开。"), title=_("放一张照片"), back=_address(pk), is_file=True,
        note=_("照片不是必须的。上传后去掉拍摄地点。"),
    )  # fmt: skip


STEPS = {"submit": services.submit_page, "approve": services.approve_page}
REASONED = {"send-back": services.send_back_page, "withdraw": services.withdraw_page}


@desk_page
@require_POST
def page_step(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Send it in, or publish it."""
    actor = actor_of(request)
    if act not in STEPS:
        raise Http404
    row = selectors.page_seen(actor, pk)
    expected = whole_number(request.POST.get("version", ""))
    expected = row.lock_version if expected is None else expected
    try:
        STEPS[act](actor=actor, page_id=pk, expected_version=expected)
    except Refused as refusal:
        policy_for(CommunityPage).require(actor, "write" if act == "submit" else "approve", row)
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("已送审。") if act == "submit" else _("已发布，居民可以看到。"))
    return redirect(_address(pk))


@desk_page
def page_reasoned(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Give it back, or take it from public view, with a reason."""
    actor = actor_of(request)
    if act not in REASONED:
        raise Http404
    row = selectors.page_seen(actor, pk)
    policy_for(CommunityPage).require(actor, "approve", row)
    page_of(request).place_code = row.place_code
    form = forms.PageReasonForm(request.POST or None, initial={"version": row.lock_version})

    def carry_out() -> None:
        data = form.cleaned_data
        REASONED[act](actor=actor, page_id=pk, reason=data["reason"], expected_version=data["version"])

    said, title = (_("已退回。"), _("退回修改")) if act == "send-back" else (_("已撤下。"), _("撤下这一页"))
    return form_page(request, form, carry_out, _address(pk), said, title=title, back=_address(pk))


@require_GET
def brands(request: HttpRequest) -> HttpResponse:
    """What communities have published, for anybody."""
    rows = list(selectors.published())
    names = names_of({row.place_code for row in rows})
    groups = [
        (name, [(row, names.get(row.place_code, "")) for row in rows if row.kind == kind])
        for kind, name in KINDS
    ]
    return render(request, "coverage/brands.html", {"groups": [group for group in groups if group[1]]})


@require_GET
def brand(request: HttpRequest, pk: int) -> HttpResponse:
    """One published page, with its figures as of its day and now."""
    row = selectors.published().filter(pk=pk).first()
    if row is None:
        raise Http404
    return render(request, "coverage/brand.html", _shown(row))


@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A page's picture: of a published one for anybody, of another for who sees the page in office."""
    row = CommunityPage.objects.filter(pk=pk, picture__isnull=False).first()
    public = row is not None and row.state == PUBLISHED
    if row is None or not (public or policy_for(CommunityPage).can(actor_of(request), "view", row)):
        raise Http404
    answer = HttpResponse(bytes(row.picture or b""), content_type=PICTURE)
    answer.headers["Cache-Control"] = "public, no-cache" if public else "private, no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{pk}.jpg"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = ALONE
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
