"""The joint committee of a community on one page; the five steps of a commissioner."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.selectors_timeline import timeline_of
from doorstep.kernel.matters.services import next_steps
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import LENGTHS, is_code
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of, own_places
from doorstep.modules.partnership import forms, selectors_pages, services_committee
from doorstep.modules.partnership.models import Nomination
from doorstep.modules.partnership.pages import desk_page, form_page
from doorstep.modules.partnership.policies import KEEP, acting_units
from doorstep.modules.partnership.selectors import acting_agreements
from doorstep.modules.partnership.states import OPEN

# Steps that have a service of their own; the others are taken by `take_step`.
_OWN: dict[str, Any] = {
    "screen": services_committee.screen, "approve": services_committee.approve,
    "appoint": services_committee.appoint_commissioner, "publicise": services_committee.publicise,
}  # fmt: skip
_BY_SERVICE = {"nominee", "appointment", "shown_until"}  # what the services give themselves


@desk_page
@require_GET
def committee(request: HttpRequest, code: str) -> HttpResponse:
    """Members, sessions and resolutions of a community's joint committee."""
    actor = actor_of(request)
    if not is_code(code) or len(code) != LENGTHS["community"]:
        raise Http404
    shown = selectors_pages.committee_page(actor, code)
    context = {"shown": shown, "keeps": actor.holds(KEEP, code), "recommends": actor.holds(OPEN, code)}
    return render(request, "partnership/committee.html", context)


@desk_page
def nomination_new(request: HttpRequest) -> HttpResponse:
    """Recommend somebody: a community's committee at its place, who acts for a unit where it has an agreement."""
    actor = actor_of(request)
    code = _recommending_place(request)
    units = selectors_pages.partner_choices(code)
    if not actor.holds(OPEN, code):
        own = set(acting_units(actor))
        units = [pair for pair in units if pair[0] in own]
    form = forms.NominationForm(units, request.POST or None, initial={"key": uuid.uuid4()})
    made: list[Nomination] = []

    def act() -> None:
        given = dict(form.cleaned_data)
        new = services_committee.NewNomination(place_code=code, unit_id=given.pop("unit"), **given)
        made.append(services_committee.recommend(actor=actor, new=new))

    back = (
        reverse("partnership:committee", args=[code])
        if actor.holds(OPEN, code)
        else reverse("partnership:own")
    )
    return form_page(
        request, form, _("推荐兼职委员"), back, act, _("已推荐，等待筛选。"), place_code=code,
        where=full_names_of({code}).get(code, ""),
        note="" if units else _("这个社区还没有共建单位，请先签共建协议。"),
        to=lambda: reverse("partnership:nomination", args=[made[0].pk]),
    )  # fmt: skip


def _recommending_place(request: HttpRequest) -> str:
    """The community asked for (`place`), else the first where the reader may recommend. Raises Http404."""
    actor = actor_of(request)
    own = acting_agreements(acting_units(actor))
    agreed = list(own.values_list("place_code", flat=True))
    asked = request.GET.get("place", "")
    places = [asked] if asked else [*own_places(actor), *agreed]
    for code in places:
        if not is_code(code) or len(code) != LENGTHS["community"]:
            continue
        if actor.holds(OPEN, code) or any(code.startswith(place) for place in agreed):
            return code
    raise Http404


def _seen(actor: Actor, pk: int) -> Nomination:
    rows = policy_for(Nomination).visible_to(actor).filter(pk=pk)
    row: Nomination | None = rows.select_related("matter", "appointment", "person").first()
    if row is None:
        raise NotVisible("")
    return row


@desk_page
@require_GET
def nomination(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's way to a seat, with what may be done now."""
    actor = actor_of(request)
    row = _seen(actor, pk)
    page_of(request).place_code = row.place_code
    names = selectors_pages.names_seen(actor, [row.person_id])
    kind, words = clock_words(row.matter)
    steps = [step for step in next_steps(actor, row.matter) if services_committee.may_take(actor, row, step)]
    context = {
        "row": row, "name": names.get(row.person_id, row.person.name if row.appointment_id else ""),
        "units": last_names([row.unit_id, row.community_id]), "clock": kind, "clock_words": words,
        "steps": steps, "timeline": timeline_of(actor, row.matter),
        "where": full_names_of({row.place_code}).get(row.place_code, ""),
        "path": [_state(row, code) for code in ("recommended", "screened", "approved", "appointed", "publicised")],
    }  # fmt: skip
    return render(request, "partnership/nomination.html", context)


def _state(row: Nomination, code: str) -> tuple[str, str]:
    """A station of the five and whether it lies behind, is now, or is still to come."""
    order = ("recommended", "screened", "approved", "appointed", "publicised")
    names = {
        "recommended": _("推荐"),
        "screened": _("筛选"),
        "approved": _("审批"),
        "appointed": _("聘任"),
        "publicised": _("公示"),
    }
    at = order.index(row.matter.state) if row.matter.state in order else 0
    place = order.index(code)
    return names[code], "done" if place <= at else "ahead"


@desk_page
def nomination_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take one of the steps offered."""
    actor = actor_of(request)
    row = _seen(actor, pk)
    law_row = law_of(services_committee.KIND).by_name.get(name)
    if law_row is None:
        raise Http404
    back = reverse("partnership:nomination", args=[pk])
    asks = [one for one in law_row.requires if one not in _BY_SERVICE]
    form = forms.StepForm(asks, request.POST or None, initial={"version": row.matter.version})

    def act() -> None:
        given = dict(form.cleaned_data)
        version = given.pop("version")
        if name == "publicise":
            given.pop("note")
        if name in _OWN:
            _OWN[name](actor=actor, matter_id=pk, expected_version=version, **given)
        else:
            services_committee.take_step(
                actor=actor, matter_id=pk, name=name, expected_version=version, **given
            )

    if name == "publicise":
        form.fields["note"].widget = form.fields["note"].hidden_widget()
    return form_page(
        request, form, law_row.words, back, act, _("已%(step)s。") % {"step": law_row.words}, place_code=row.place_code,
        note=law_row.clause, verb=law_row.words,
    )  # fmt: skip
