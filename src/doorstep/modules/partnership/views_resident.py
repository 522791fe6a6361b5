"""A resident's pages: tell a need, follow it, rate what came of it; and a slip's page, which needs no account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.selectors_timeline import timeline_of
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.errors import NotVisible, Refused
from doorstep.modules.partnership import selectors_lists as selectors
from doorstep.modules.partnership import services_needs as services
from doorstep.modules.partnership import services_ratings as ratings
from doorstep.modules.partnership.forms_lists import NeedForm, RateForm
from doorstep.modules.partnership.models_lists import Need, Project
from doorstep.modules.partnership.pages_lists import (
    communities,
    form_page,
    kinds_at,
    new_key,
    phone_page,
    said_at_its_field,
)
from doorstep.modules.partnership.services_needs import NewNeed
from doorstep.modules.partnership.wording_lists import chain_of


@phone_page
@require_GET
def told(request: HttpRequest) -> HttpResponse:
    """What one told, and where it stands."""
    rows = selectors.told_by_me(actor_of(request))
    lines = [(row, chain_of(row), row.matter.state_name) for row in rows]
    return render(request, "partnership/lists/told.html", {"lines": lines, "strip": "mine"})


@phone_page
def tell(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    home = Person.objects.filter(pk=actor.person_id or 0).values_list("place_code", flat=True).first() or ""
    places = communities([settings.HOME_PLACE])
    form = NeedForm(
        kinds_at(settings.HOME_PLACE),
        places,
        request.POST or None,
        initial={"key": new_key(), "place": home[:12]},
    )
    made: list[Need] = []

    def act() -> None:
        data = form.cleaned_data
        place = home if home.startswith(data["place"]) else data["place"]
        new = NewNeed(
            place_code=place, title=data["title"], text=data["text"], wanted=form.wanted(), key=data["key"]
        )
        made.append(services.raise_need(actor=actor, new=new))

    back = reverse("partnership:told")
    return form_page(
        request, form, act, _("收到了。社区会答复是否列入需求清单。"), lambda: reverse("partnership:follow", args=[made[0].pk]),
        template="partnership/lists/phone_act.html", title=_("说说您的需求"), verb=_("提出"), back=back, strip="mine",
    )  # fmt: skip


@phone_page
@require_GET
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own need: the steps, what was said, and rating it once it is done."""
    return _followed(request, pk, RateForm())


def _followed(request: HttpRequest, pk: int, form: RateForm, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    need, main = selectors.told_one(actor, pk)
    project = Project.objects.filter(need=main, stopped_on=None).select_related("matter").first()
    rated = project.ratings.filter(person_id=actor.person_id or 0).first() if project else None
    context = {
        "need": need, "main": main, "steps": chain_of(main), "project": project, "rated": rated, "form": form,
        "may_rate": project is not None and project.confirmed_on is not None and rated is None and ratings.may_rate(actor, project),
        "unit": selectors.lines_of([main])[0].unit, "timeline": timeline_of(actor, need.matter),
        "strip": "" if need.unit_id else "mine", "may_withdraw": _may_withdraw(actor, need),
    }  # fmt: skip
    return render(request, "partnership/lists/follow.html", context, status=status)


def _may_withdraw(actor: Actor, need: Need) -> bool:
    waits = need.matter.state in ("collected", "screened", "published")
    return waits and need.matter.reporter_id == actor.person_id


@phone_page
@require_POST
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    _need, main = selectors.told_one(actor, pk)
    project = Project.objects.filter(need=main, confirmed_on__isnull=False).first()
    if project is None:
        raise NotVisible("")
    form = RateForm(request.POST)
    if form.is_valid() and said_at_its_field(
        form,
        lambda: ratings.rate(
            actor=actor,
            project_id=project.pk,
            grade=form.cleaned_data["grade"],
            words=form.cleaned_data["words"],
        ),
    ):
        messages.success(request, _("谢谢您的评价。"))
        return redirect("partnership:follow", pk)
    return _followed(request, pk, form, status=422)


@phone_page
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own need back."""
    actor = actor_of(request)
    selectors.told_one(actor, pk)
    try:
        services.withdraw_need(actor=actor, need_id=pk)
    except NotVisible:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("已撤回。"))
    return redirect("partnership:follow", pk)


@never_cache
def rate_slip(request: HttpRequest, pk: int, slip: int, code: str) -> HttpResponse:
    """A slip's page: what was done, and one grade. Whoever has the slip may; nobody else finds the page."""
    try:
        project = ratings.project_of_slip(pk, slip, code)
    except NotVisible:
        raise Http404 from None
    form, refused, given = RateForm(request.POST or None), "", project.ratings.filter(slip=slip).exists()
    if request.method == "POST" and form.is_valid():
        try:
            ratings.rate_by_slip(
                project_id=pk,
                slip=slip,
                code=code,
                grade=form.cleaned_data["grade"],
                words=form.cleaned_data["words"],
            )
        except NotVisible:
            raise Http404 from None
        except Refused as refusal:
            if refusal.field:
                form.refuse(refusal)
            refused = str(refusal.message)
        else:
            messages.success(request, _("记下了，谢谢您。"))
            return redirect("partnership:rate_slip", pk, slip, code)
    status = 200 if request.method != "POST" else 422
    context = {"project": project, "form": form, "refused": refused, "given": given}
    return render(request, "partnership/lists/rate_slip.html", context, status=status)
