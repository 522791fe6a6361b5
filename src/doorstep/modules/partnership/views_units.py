"""Partners on the desk: a place at a glance, a partner unit, its agreements signed, renewed, ended."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.place_codes import LENGTHS, is_code
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of, own_places
from doorstep.modules.partnership import forms, selectors, selectors_pages, services
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.pages import desk_page, form_page
from doorstep.modules.partnership.policies import KEEP, VIEW


@desk_page
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The page of the reader's own place."""
    actor = actor_of(request)
    places = actor.places_for(VIEW)
    if not places:
        raise Http404
    asked = request.GET.get("place", "")
    code = asked if is_code(asked) and actor.holds(VIEW, asked) else places[0]
    return redirect("partnership:place", code or settings.HOME_PLACE)


@desk_page
@require_GET
def place(request: HttpRequest, code: str) -> HttpResponse:
    """Partners of a place at a glance."""
    actor = actor_of(request)
    if not is_code(code) or not LENGTHS["county"] <= len(code) <= LENGTHS["community"]:
        raise Http404
    shown = selectors_pages.place_page(actor, code)
    keeps = actor.holds(KEEP, code) and len(code) >= LENGTHS["street"]
    return render(request, "partnership/place.html", {"shown": shown, "keeps": keeps})


@desk_page
@require_GET
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A partner unit: what it agreed, its people's seats, what it took on and did."""
    actor = actor_of(request)
    shown = selectors_pages.unit_page(actor, unit_id)
    page_of(request).place_code = shown.version.place_code
    context = {
        "shown": shown, "acts": {row.pk for row, _place in shown.agreements if actor.holds(KEEP, row.place_code)},
    }  # fmt: skip
    return render(request, "partnership/unit.html", context)


@desk_page
def sign(request: HttpRequest) -> HttpResponse:
    """A new agreement of a place (`place`) with a unit that is looked for by name (`q`)."""
    actor = actor_of(request)
    code = _keeping_place(request)
    asked = request.GET.get("q", "").strip()[:60]
    units = selectors.possible_partners(code, asked)
    names = full_names_of({row.place_code for row in units})
    form = forms.AgreementForm(
        [(row.unit_id, f"{row.name}（{names.get(row.place_code, '')}）") for row in units],
        request.POST or None,
    )

    def act() -> None:
        given = dict(form.cleaned_data)
        services.sign_agreement(
            actor=actor, new=services.NewAgreement(place_code=code, unit_id=given.pop("unit"), **given)
        )

    return form_page(
        request, form, _("签订共建协议"), reverse("partnership:place", args=[code]), act, _("已登记协议。"),
        place_code=code, finds=True, asked=asked, found=len(units), where=full_names_of({code}).get(code, ""),
        to=lambda: reverse("partnership:unit", args=[form.cleaned_data["unit"]]),
    )  # fmt: skip


def _keeping_place(request: HttpRequest) -> str:
    """The street or community asked for (`place`), else the reader's own. Raises Http404 outside the places kept."""
    actor = actor_of(request)
    code = request.GET.get("place", "") or (own_places(actor) or [""])[0]
    if (
        not is_code(code)
        or len(code) not in (LENGTHS["street"], LENGTHS["community"])
        or not actor.holds(KEEP, code)
    ):
        raise Http404
    return code


@desk_page
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on from where an agreement ends."""
    row = _agreement(request, pk)
    form = forms.RenewForm(request.POST or None, initial={"about": row.about})
    title = _("续签：%(unit)s") % {"unit": last_names([row.unit_id]).get(row.unit_id, "")}
    return form_page(
        request, form, title, reverse("partnership:unit", args=[row.unit_id]),
        lambda: services.renew_agreement(actor=actor_of(request), agreement_id=pk, **form.cleaned_data), _("已续签。"),
        place_code=row.place_code,
        note=_("原协议 %(document)s 到 %(day)s。") % {"document": row.document, "day": row.valid_to},
    )  # fmt: skip


@desk_page
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an agreement before its time."""
    row = _agreement(request, pk)
    form = forms.EndForm(request.POST or None)
    title = _("终止协议：%(unit)s") % {"unit": last_names([row.unit_id]).get(row.unit_id, "")}
    return form_page(
        request, form, title, reverse("partnership:unit", args=[row.unit_id]),
        lambda: services.end_agreement(actor=actor_of(request), agreement_id=pk, **form.cleaned_data),
        _("已终止。"), place_code=row.place_code,
        note=_("这个单位在这里的兼职委员同日结束任职，没办完的决议退回社区另行落实。"),
    )  # fmt: skip


def _agreement(request: HttpRequest, pk: int) -> Agreement:
    """Raises NotVisible or NotAllowed."""
    row = selectors.agreement_seen(actor_of(request), pk)
    policy_for(Agreement).require(actor_of(request), "keep", row)
    return row
