"""Single acts on the chain: counts, forms, terms, appointments, households."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.policies import appoint_capability
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import masked
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.modules.chain import selectors, selectors_pages, services
from doorstep.modules.chain.forms import (
    AppointForm,
    ChainForm,
    CountForm,
    DesignateForm,
    ExtendForm,
    FormForm,
    RevokeForm,
    TermForm,
)
from doorstep.modules.chain.models import FORMS, GroupBuilding, MemberHousehold, Term
from doorstep.modules.chain.policies import KEEP, VIEW
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, LEADER
from doorstep.modules.chain.views import chain_page, may, stand_at
from doorstep.modules.chain.views_adjust import Choices, noted, standing


def _act(
    request: HttpRequest,
    form: ChainForm,
    title: str,
    act: Callable[[], Any],
    back: str,
    place_code: str,
    **more: Any,
) -> HttpResponse:
    """Show a form; carry the act out; show a refusal at its field."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            act()
            messages.success(request, _("已保存。"))
            return redirect(back)
        except (RuleViolation, Conflict) as refusal:
            form.refuse(refusal)
            status = 422
    context = {"form": form, "title": title, "back": back, **more}
    stand_at(request, place_code)
    return render(request, "chain/act.html", context, status=status)


def _expected(request: HttpRequest, version: UnitVersion) -> int:
    seen = whole_number(request.POST.get("version"))
    return version.unit.lock_version if seen is None else seen


@chain_page
def count(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Record how many members a unit has."""
    actor = actor_of(request)
    version = standing(actor, unit_id, (COMMUNITY, BRANCH, GROUP))
    if not may(actor, "count", version):
        raise PermissionDenied
    form = CountForm(request.POST or None)

    def act() -> None:
        services.record_member_count(
            actor=actor, unit_id=unit_id, expected_version=_expected(request, version), **form.cleaned_data
        )

    title = _("{name}：登记党员人数").format(name=version.name)
    return _act(request, form, title, act, _unit_url(unit_id), version.place_code, version=version)


@chain_page
def set_form(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Set the form of a community organisation or branch."""
    actor = actor_of(request)
    version = standing(actor, unit_id, (COMMUNITY, BRANCH))
    if not may(actor, "form", version):
        raise PermissionDenied
    form = FormForm(FORMS if version.kind == COMMUNITY else FORMS[2:], request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services.set_form(
            actor=actor, unit_id=unit_id, form=data["form"], valid_from=data["valid_from"], units=data["units"] or 0,
            document=data["document"], approved=form.approved, expected_version=_expected(request, version),
        )  # fmt: skip

    title = _("{name}：组织形式").format(name=version.name)
    return _act(request, form, title, act, _unit_url(unit_id), version.place_code, version=version)


@chain_page
def term(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Register a new term after an election; `?extend=1`: put the end of the running term to another day."""
    actor = actor_of(request)
    version = standing(actor, unit_id, (COMMUNITY, BRANCH))
    if not may(actor, "form", version):
        raise PermissionDenied
    last = Term.objects.filter(unit=unit_id).order_by("-valid_from").first()
    if last and request.GET.get("extend"):
        return _extend(request, version, last)
    initial: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "committee_size": last.committee_size if last else 0,
    }
    if last and last.valid_to:
        initial["valid_from"] = last.valid_to
    form = TermForm(request.POST or None, initial=initial)

    def act() -> None:
        data = form.cleaned_data
        services.start_term(
            actor=actor, unit_id=unit_id, number=data["number"], valid_from=data["valid_from"],
            valid_to=data["valid_to"], committee_size=data["committee_size"] or 0, document=data["document"],
            approved=form.approved, expected_version=_expected(request, version),
        )  # fmt: skip

    title = _("{name}：登记任期").format(name=version.name)
    other = (_("只调整现任期的止日"), f"{reverse('chain:term', args=[unit_id])}?extend=1") if last else None
    return _act(
        request, form, title, act, _unit_url(unit_id), version.place_code, version=version, other=other
    )


def _extend(request: HttpRequest, version: UnitVersion, last: Term) -> HttpResponse:
    form = ExtendForm(request.POST or None, initial={"valid_to": last.valid_to})

    def act() -> None:
        services.extend_term(
            actor=actor_of(request), unit_id=version.unit_id, valid_to=form.cleaned_data["valid_to"],
            approved=form.approved, expected_version=_expected(request, version),
        )  # fmt: skip

    title = _("{name}：第{number}届任期的止日").format(name=version.name, number=last.number)
    return _act(request, form, title, act, _unit_url(version.unit_id), version.place_code, version=version)


@chain_page
def appoint(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Put somebody into a post of the unit."""
    actor = actor_of(request)
    version = standing(actor, unit_id, (COMMUNITY, BRANCH, GROUP))
    if not actor.holds(appoint_capability(LEADER[version.kind]), version.place_code):
        raise PermissionDenied
    found = selectors_pages.people_named(actor, _looked_for(request))
    form = AppointForm(version.kind, _persons(found), request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        organisations.appoint(
            actor=actor, person_id=int(data["person"]), post=data["post"], unit_id=unit_id,
            valid_from=data["valid_from"], document=data["document"],
        )  # fmt: skip

    title = _("{name}：任命").format(name=version.name)
    return _act(
        request, form, title, act, _unit_url(unit_id), version.place_code, version=version, found=found,
        looked_for=_looked_for(request),
    )  # fmt: skip


@chain_page
def designate(request: HttpRequest) -> HttpResponse:
    """Designate a household: in a group's buildings (`?unit=`), or in a place."""
    actor = actor_of(request)
    if not actor.holds_somewhere(KEEP):
        raise PermissionDenied if actor.holds_somewhere(VIEW) else Http404
    buildings, place_code, back = _where(actor, request)
    found = selectors_pages.people_named(actor, _looked_for(request))
    form = DesignateForm(buildings, _persons(found), request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services.designate_household(
            actor=actor, person_id=int(data["person"]), building_id=int(data["building"]), door=data["door"],
            designated_on=data["designated_on"], document=data["document"],
            consent_given_by=data["consent_given_by"],
        )  # fmt: skip

    return _act(
        request,
        form,
        _("认定党员中心户"),
        act,
        back,
        place_code,
        found=found,
        looked_for=_looked_for(request),
    )


def _where(actor: Actor, request: HttpRequest) -> tuple[Choices, str, str]:
    """Buildings to choose from, their place, and the page to come back to."""
    today = clock.today()
    unit_id = whole_number(request.GET.get("unit"))
    if unit_id is not None:
        version = standing(actor, unit_id, (GROUP,))
        rows = selectors.buildings_of([version.unit_id], today).get(version.unit_id, [])
        choices = [(str(row.pk), noted(row.name, row.address)) for row in rows]
        return choices, version.place_code, _unit_url(version.unit_id)
    code = request.GET.get("place", "")
    if not is_code(code) or len(code) < 12 or not actor.holds(KEEP, code):
        raise Http404
    grouped = GroupBuilding.objects.in_force(today).values("building_id")
    rows = list(
        Building.objects.filter(within("place_code", [code]), pk__in=grouped).order_by("place_code", "id")
    )
    choices = [(str(row.pk), noted(row.name, row.address)) for row in rows]
    return choices, code, reverse("chain:place", args=[code[:12]])


def _looked_for(request: HttpRequest) -> str:
    return (request.POST.get("q") or request.GET.get("q") or "").strip()[:40]


def _persons(found: Sequence[Person]) -> Choices:
    """Persons with what tells namesakes apart: masked phone and place."""
    places = selectors_pages.place_names({person.place_code for person in found if person.place_code})
    return [
        (
            str(person.pk),
            noted(
                person.name,
                " · ".join(filter(None, [masked(person, "phone"), places.get(person.place_code, "")])),
            ),
        )
        for person in found
    ]


@chain_page
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End the designation of a household."""
    actor = actor_of(request)
    household = policy_for(MemberHousehold).visible_to(actor).filter(pk=pk).first()
    if household is None:
        raise Http404
    policy_for(MemberHousehold).require(actor, "revoke", household)
    form = RevokeForm(request.POST or None)

    def act() -> None:
        services.revoke_household(actor=actor, household_id=pk, **form.cleaned_data)

    back = reverse("chain:household", args=[pk])
    return _act(request, form, _("撤销党员中心户"), act, back, household.place_code)


def _unit_url(unit_id: int) -> str:
    return reverse("chain:unit", args=[unit_id])
