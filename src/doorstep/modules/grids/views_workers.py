"""The guided page of a community's grid workers: grids without one first, then who works where, leave, leaving."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.leaving import page_of as page_of_matters
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.web.context import page_of
from doorstep.modules.grids import selectors, services_workers
from doorstep.modules.grids.forms import (
    AppointWorkerForm,
    GiveForm,
    GridsForm,
    LeaveForm,
    ReleaseForm,
    SetGridsForm,
)
from doorstep.modules.grids.selectors_staffing import proposed_stand_in
from doorstep.modules.grids.selectors_workers import (
    Arrangement,
    WorkerLine,
    arrangement,
    communities_of,
    people_named,
    receivers,
)

View = Callable[..., HttpResponse]


def desk_page(view: View) -> View:
    """A signed-in page. What the reader may not see does not exist; what is not theirs to do is forbidden."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotVisible:
            raise Http404 from None
        except NotAllowed:
            if request.method in ("GET", "HEAD"):
                raise Http404 from None
            raise PermissionDenied from None

    return guarded


@desk_page
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Which community's workers; with one alone, straight to it."""
    asked = request.GET.get("place", "")
    found = communities_of(actor_of(request), asked[:12] if is_digits(asked) else "")
    if not found:
        raise Http404
    if len(found) == 1:
        return redirect("grids:workers", found[0].code)
    return render(
        request, "grids/communities.html", {"lines": found, "without": sum(line.without for line in found)}
    )


@desk_page
def arrange(request: HttpRequest, code: str) -> HttpResponse:
    """The arrangement; a POST gives the ticked grids to a worker."""
    actor = actor_of(request)
    shown = arrangement(actor, code)
    form = _give_form(shown, request)
    status = 200
    if request.method == "POST":
        _require(shown)
        if form is None:
            raise Http404
        if form.is_valid() and carried_out(form, lambda: _give(actor, form.cleaned_data)):
            messages.success(request, _("已安排。"))
            return redirect("grids:workers", code)
        status = 422
    return render(request, "grids/workers.html", {"shown": shown, "form": form, "code": code}, status=status)


def _give(actor: Actor, data: dict[str, Any]) -> None:
    services_workers.give_grids(
        actor=actor, appointment_id=int(data["worker"]), grids=data["grids"], effective_on=data["valid_from"],
        document=data["document"],
    )  # fmt: skip


def _give_form(shown: Arrangement, request: HttpRequest) -> GiveForm | None:
    workers = [
        (str(line.appointment.pk), f"{line.name}（{line.words}）") for line in shown.workers if not line.later
    ]
    if not (shown.may_arrange and shown.without and workers):
        return None
    grids = [(grid.code, grid.name) for grid in shown.without]
    return GiveForm(grids, workers, request.POST or None)


@desk_page
def appoint(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody new as grid worker, with the grids that have none ticked."""
    actor = actor_of(request)
    shown = arrangement(actor, code)
    _require(shown)
    looked_for = _looked_for(request)
    found = people_named(actor, looked_for, code)
    grids = [(grid.code, grid.name) for grid in selectors.grids_in(code, shown.on)]
    form = AppointWorkerForm(
        grids, found, request.POST or None, initial={"grids": [grid.code for grid in shown.without]}
    )

    def act(data: dict[str, Any]) -> None:
        services_workers.appoint_worker(
            actor=actor, community=code, person_id=int(data["person"]), grids=data["grids"],
            valid_from=data["valid_from"], document=data["document"], full_time=data["full_time"],
        )  # fmt: skip

    title = _("%(place)s：新任网格员") % {"place": shown.community.name}
    return _page(request, form, title, act, code, found=found, looked_for=looked_for, finds=True)


@desk_page
def set_grids(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Which grids a worker has."""
    actor, shown, line = _standing(request, code, pk)
    grids = [(grid.code, grid.name) for grid in selectors.grids_in(code, shown.on)]
    form = SetGridsForm(grids, request.POST or None, initial={"grids": [grid.code for grid in line.grids]})

    def act(data: dict[str, Any]) -> None:
        services_workers.set_grids(
            actor=actor, appointment_id=pk, grids=data["grids"], effective_on=data["valid_from"],
            document=data["document"],
        )  # fmt: skip

    title = _("%(name)s：调整网格") % {"name": line.name}
    note = _("正在代理的人随之结束代理，需要时请重新安排。") if line.substitutes else ""
    return _page(request, form, title, act, code, note=note)


@desk_page
def leave(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A worker is on leave: who stands in, until when."""
    actor, shown, line = _standing(request, code, pk)
    looked_for = _looked_for(request)
    colleagues = [
        (str(other.appointment.person_id), f"{other.name}（{other.words}）")
        for other in shown.workers
        if other is not line and not other.later
    ]
    found = people_named(actor, looked_for, code)
    known = {key for key, _words in colleagues}
    listed = proposed_stand_in(line.appointment)
    proposed = str(listed.person_id) if listed is not None and str(listed.person_id) in known else ""
    form = LeaveForm(
        [*colleagues, *(pair for pair in found if pair[0] not in known)], request.POST or None,
        initial={"person": proposed}, proposed=listed.person.name if listed is not None and proposed else "",
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        services_workers.let_stand_in(
            actor=actor, appointment_id=pk, person_id=int(data["person"]), valid_from=data["valid_from"],
            valid_to=data["valid_to"], document=data["document"],
        )  # fmt: skip

    title = _("%(name)s：休假代理") % {"name": line.name}
    note, hand_over = "", ""
    if line.waiting:
        note = _("名下有 %(n)d 件未结事项，不会自动转给代理人；等不及的，请先移交。") % {"n": line.waiting}
        hand_over = page_of_matters(line.appointment.person_id)
    return _page(
        request, form, title, act, code, found=found, looked_for=looked_for, finds=True, note=note, hand_over=hand_over
    )  # fmt: skip


@desk_page
def release(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A worker leaves: grids to whom, open matters to whom, from when; all in one."""
    actor, shown, line = _standing(request, code, pk)
    successors = [
        (str(other.appointment.pk), f"{other.name}（{other.words}）")
        for other in shown.workers
        if other.appointment.pk != pk and not other.later
    ]
    form = ReleaseForm(successors, receivers(line, shown.workers), line.waiting, request.POST or None)

    def act(data: dict[str, Any]) -> None:
        services_workers.release_worker(
            actor=actor, appointment_id=pk, on=data["valid_to"],
            successor_id=int(data["successor"]) if data["successor"] else None,
            receiver_id=int(data["receiver"]) if data.get("receiver") else None, reason=data["reason"],
            document=data["document"],
        )  # fmt: skip

    title = _("%(name)s：离任") % {"name": line.name}
    note = ""
    if line.waiting:
        note = _("名下还有 %(n)d 件未结事项，先移交，再离任；两件事一起办，要么都成，要么都不成。") % {
            "n": line.waiting
        }
    return _page(request, form, title, act, code, note=note)


def _standing(request: HttpRequest, code: str, pk: int) -> tuple[Actor, Arrangement, WorkerLine]:
    actor = actor_of(request)
    shown = arrangement(actor, code)
    line = shown.line(pk)
    _require(shown)
    return actor, shown, line


def _require(shown: Arrangement) -> None:
    if not shown.may_arrange:
        raise NotAllowed(_("您的岗位不能做这一步。"))


def carried_out(form: GridsForm, act: Callable[[], Any]) -> bool:
    """Carry it out; say a refusal at its field, nothing written."""
    try:
        act()
    except NotVisible as refusal:
        if not refusal.field and not refusal.message:
            raise
        form.refuse(refusal)
    except Refused as refusal:
        form.refuse(refusal)
    else:
        return True
    return False


def _page(
    request: HttpRequest,
    form: GridsForm,
    title: str,
    act: Callable[[dict[str, Any]], None],
    code: str,
    **more: Any,
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        if form.is_valid() and carried_out(form, lambda: act(form.cleaned_data)):
            messages.success(request, _("已保存。"))
            return redirect("grids:workers", code)
        status = 422
    page_of(request).place_code = code
    context = {"form": form, "title": title, "back": reverse("grids:workers", args=[code]), **more}
    return render(request, "grids/act.html", context, status=status)


def _looked_for(request: HttpRequest) -> str:
    asked = request.POST.get("q") or request.GET.get("q") or ""
    return asked.replace("\x00", "").strip()[:40]
