"""Appointing, ending, extending, standing in: one page each, offered in the registers of units and appointments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations import selectors, services
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.policies import APPOINT_ADMINISTRATORS
from doorstep.kernel.organisations.services_appointments import require_appoint
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import masked, named_persons
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused
from doorstep.kernel.shared.names import matches
from doorstep.kernel.web.frame.naming import own_places
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.surfaces.desk.forms_appointments import (
    ActForm,
    AppointForm,
    EndForm,
    ExtendForm,
    PlacesForm,
    SubstituteForm,
    WithdrawForm,
)

FOUND = 20


@login_required
def appoint(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Put somebody into a post of a unit. 404 for a unit that does not exist for the reader."""
    actor = actor_of(request)
    version = _standing(actor, unit_id)
    posts = selectors.posts_to_give(actor, version)
    if not posts:
        raise PermissionDenied
    form = AppointForm(posts, _people(request), _places(actor), request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services.appoint(
            actor=actor, person_id=int(data["person"]), post=data["post"], unit_id=unit_id,
            valid_from=data["valid_from"], valid_to=data["valid_to"], places=form.place_codes,
            full_time=data["full_time"], has_vote=data["has_vote"], document=data["document"],
        )  # fmt: skip

    title = _("%(unit)s：任命") % {"unit": version.name}
    return _page(request, form, title, act, reverse("web:record", args=["units", version.pk]), finds=True)


@login_required
def administrators(request: HttpRequest) -> HttpResponse:
    """The unit whose administrators the security administrator appoints: its record, with holders and what to do."""
    actor = actor_of(request)
    unit_id = next(
        (grant.unit_id for grant in actor.grants if APPOINT_ADMINISTRATORS in grant.capabilities), 0
    )
    return redirect("web:record", "units", _standing(actor, unit_id).pk)


@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    row = _appointment(request, pk)
    form = EndForm(request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services.end_appointment(
            actor=actor_of(request), appointment_id=pk, on=data["valid_to"], reason=data["reason"],
            document=data["document"],
        )  # fmt: skip

    return _page(request, form, _titled(row, _("离任")), act, _back(row))


@login_required
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    row = _appointment(request, pk)
    form = ExtendForm(request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services.extend_appointment(
            actor=actor_of(request), appointment_id=pk, valid_to=data["valid_to"], document=data["document"]
        )

    return _page(request, form, _titled(row, _("延长任职")), act, _back(row))


@login_required
def substitute(request: HttpRequest, pk: int) -> HttpResponse:
    row = _appointment(request, pk)
    form = SubstituteForm(_people(request), request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services.appoint_substitute(
            actor=actor_of(request), appointment_id=pk, person_id=int(data["person"]), valid_from=data["valid_from"],
            valid_to=data["valid_to"], document=data["document"],
        )  # fmt: skip

    return _page(request, form, _titled(row, _("安排代理")), act, _back(row), finds=True)


@login_required
def change_places(request: HttpRequest, pk: int) -> HttpResponse:
    row = _appointment(request, pk)
    codes = list(row.places.order_by("code").values_list("code", flat=True))
    form = PlacesForm(_places(actor_of(request)), request.POST or None, initial={"places": codes})

    def act() -> None:
        data = form.cleaned_data
        services.change_places(
            actor=actor_of(request), appointment_id=pk, places=form.place_codes, effective_on=data["valid_from"],
            document=data["document"],
        )  # fmt: skip

    return _page(request, form, _titled(row, _("调整负责范围")), act, _back(row))


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = _appointment(request, pk)
    form = WithdrawForm(request.POST or None)

    def act() -> None:
        services.withdraw_appointment(
            actor=actor_of(request), appointment_id=pk, on=clock.today(), reason=form.cleaned_data["reason"]
        )

    return _page(
        request, form, _titled(row, _("撤回任命")), act, reverse("web:register", args=["appointments"])
    )


def _page(
    request: HttpRequest, form: ActForm, title: str, act: Callable[[], None], back: str, finds: bool = False
) -> HttpResponse:
    """Show the form; carry the act out; say a refusal at its field, nothing written."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except NotVisible as refusal:
            if not refusal.field:
                raise Http404 from None
            form.refuse(refusal)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect(back)
        status = 422
    context = {"form": form, "title": title, "back": back, "finds": finds, "looked_for": _looked_for(request)}
    context["found_none"] = finds and context["looked_for"] and not _people(request)
    return render(request, "desk/appointment.html", context, status=status)


def _places(actor: Actor) -> Places:
    """Places as the actor may name them."""
    return Places.inside(own_places(actor))


def _standing(actor: Actor, unit_id: int) -> UnitVersion:
    """The unit as it is today (or will first be), where it exists for the actor."""
    rows = policy_for(UnitVersion).visible_to(actor).filter(unit_id=unit_id, unit__ended_on=None)
    version: UnitVersion | None = rows.select_related("unit").order_by("-valid_from").first()
    if version is None:
        raise Http404
    return version


def _appointment(request: HttpRequest, pk: int) -> Appointment:
    """The appointment, where it exists for the reader (else 404) and is theirs to handle (else 403)."""
    row: Appointment | None = (
        policy_for(Appointment).visible_to(actor_of(request)).filter(pk=pk).select_related("person").first()
    )
    if row is None:
        raise Http404
    try:
        require_appoint(actor_of(request), row)
    except NotAllowed:
        raise PermissionDenied from None
    return row


def _titled(row: Appointment, what: str) -> str:
    return _("%(person)s（%(post)s）：%(what)s") % {
        "person": row.person.name, "post": row.get_post_display(), "what": what,
    }  # fmt: skip


def _back(row: Appointment) -> str:
    return reverse("web:record", args=["appointments", row.pk])


def _looked_for(request: HttpRequest) -> str:
    asked = request.POST.get("q") or request.GET.get("q") or ""
    return asked.replace("\x00", "").strip()[:40]


def _people(request: HttpRequest) -> Sequence[tuple[str, str]]:
    """People found by name, told apart by their masked phone."""
    text = _looked_for(request)
    if not text:
        return []
    rows = _findable(actor_of(request), text).filter(erased_at__isnull=True).select_related("key")
    first = rows.order_by("pinyin", "pk")[:FOUND]
    return [(str(person.pk), f"{person.name} {masked(person, 'phone')}".strip()) for person in first]


def _findable(actor: Actor, text: str) -> QuerySet[Person]:
    """People the actor may see; for the security administrator, who sees accounts instead, people who have one."""
    if not actor.holds_somewhere(APPOINT_ADMINISTRATORS):
        return named_persons(actor, text)
    accounts = policy_for(Account).visible_to(actor).filter(is_active=True)
    return Person.objects.filter(matches(text), pk__in=accounts.values("person_id"))
