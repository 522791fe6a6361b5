"""A member's own pages on a phone: report in, wishes near home, shifts, agreeing that the employer is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.services_sign_up import Applicant, join, withdraw
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import has_consent, name_of_place
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.pages import carried_out, guarded
from doorstep.modules.vanguard import (
    pages,
    selectors,
    selectors_calls,
    selectors_callups,
    selectors_feedback,
    selectors_wishes,
    services_callups,
    services_members,
    services_wishes,
)
from doorstep.modules.vanguard.forms import MemberForm, WordsForm
from doorstep.modules.vanguard.models import Member
from doorstep.modules.vanguard.pages_acting import pressed
from doorstep.modules.vanguard.policies import EMPLOYER_FEEDBACK
from doorstep.modules.vanguard.services_members import NewMember
from doorstep.modules.vanguard.states import CATEGORIES

Act = Callable[[], Any]


def _form(request: HttpRequest, actor: Actor, own: Member | None) -> tuple[MemberForm, bool]:
    """The form, and whether it was carried out."""
    place = own.place_code if own else _home(actor)
    initial: dict[str, Any] = {"place_code": place}
    if own is not None:
        initial |= {
            "employer_name": selectors.employer_of(own), "slip": own.slip, "skills": own.skills,
            "times": own.times,
        }  # fmt: skip
    district = place[:6] or settings.HOME_PLACE
    places = pages.communities([own.place_code if own else district])
    form = MemberForm(places, pages.employers(district), request.POST or None, initial=initial)

    def act() -> None:
        data = form.cleaned_data
        new = NewMember(
            person_id=int(actor.person_id or 0), place_code=data["place_code"], employer_id=data["employer_id"],
            employer_name=data["employer_name"], slip=data["slip"], skills=tuple(data["skills"]),
            times=tuple(data["times"]),
        )  # fmt: skip
        if own is None:
            services_members.report_in(actor=actor, new=new)
        else:
            version = whole_number(request.POST.get("version", "")) or 0
            services_members.change_member(actor=actor, member_id=own.pk, expected_version=version, new=new)

    return form, request.method == "POST" and form.is_valid() and carried_out(form, act)


def _home(actor: Actor) -> str:
    place = Person.objects.filter(pk=actor.person_id or 0).values_list("place_code", flat=True).first() or ""
    return place[:12] if len(place) >= 12 else settings.HOME_PLACE


@require_http_methods(["GET", "POST"])
def member(request: HttpRequest) -> HttpResponse:
    """What reporting in is, doing so, and what one then finds: wishes in hand, shifts, what one served, the consent."""
    actor = actor_of(request)
    own = selectors.own_member(actor)
    context: dict[str, Any] = {"own": own, "strip": "mine"}
    if own is not None:
        return render(request, "vanguard/member.html", context | _found(actor, own))
    if actor.person_id is None:
        return render(request, "vanguard/member.html", context)
    form, done = _form(request, actor, None)
    if done:
        messages.success(request, _("报到好了。社区收到后会写在这里，一般一个工作日。"))
        return redirect("vanguard:member")
    return render(
        request, "vanguard/member.html", context | {"form": form}, status=422 if form.is_bound else 200
    )


def _found(actor: Actor, own: Member) -> dict[str, Any]:
    mine = [line for line in selectors_callups.shifts_for(actor, own.place_code) if line.state]
    return {
        "community": name_of_place(own.place_code), "employer": selectors.employer_of(own),
        "claimed": selectors_wishes.claimed_by(own), "near": len(selectors_wishes.wishes_near(own.place_code)), "mine": mine,
        "served": selectors.served_by(actor, 5), "times": selectors.times_served([own.pk]).get(own.pk, 0),
        "calls": _calls(actor), "agrees": has_consent(own.person_id, EMPLOYER_FEEDBACK), "told": selectors_feedback.told_of(own),
    }  # fmt: skip


def _calls(actor: Actor) -> list[selectors_calls.Call]:
    return selectors_calls.shown(selectors_calls.own_calls(actor)[:5])


def _own(request: HttpRequest) -> tuple[Actor, Member]:
    actor = actor_of(request)
    own = selectors.own_member(actor)
    if own is None:
        raise Http404
    return actor, own


def _to_report_first(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("先报到，再看心愿、排班，改资料。"))
    return redirect("vanguard:member")


@guarded
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """For whom one works and what one offers."""
    actor = actor_of(request)
    own = selectors.own_member(actor)
    if own is None:
        return _to_report_first(request)
    agreed = has_consent(own.person_id, EMPLOYER_FEEDBACK)
    form, done = _form(request, actor, own)
    if done:
        messages.success(request, _("已保存。"))
        if agreed and not has_consent(own.person_id, EMPLOYER_FEEDBACK):
            messages.info(
                request, _("换了工作单位，原来同意的反馈已经作废；愿意反馈给新单位的，请在下面重新同意。")
            )
        return redirect("vanguard:member")
    context = {"form": form, "own": own, "strip": "mine"}
    return render(request, "vanguard/change.html", context, status=422 if form.is_bound else 200)


@guarded
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    actor, own = _own(request)
    services_members.leave(actor=actor, member_id=own.pk)
    messages.success(request, _("已结束报到。做过的服务都留着，随时可以再来。"))
    return redirect("vanguard:member")


@guarded
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Agree that the employer is told once a year, or take it back: it holds at once."""
    actor, own = _own(request)
    agrees = request.POST.get("agrees") == "yes"
    services_members.agree_to_feedback(actor=actor, member_id=own.pk, agrees=agrees)
    said = (
        _("已同意。每年把服务次数反馈给单位，随时可以撤回。")
        if agrees
        else _("已撤回。没有发出的不再发出，单位的页面上也不再显示。")
    )
    messages.success(request, said)
    return redirect("vanguard:member")


@guarded
@require_GET
def wishes(request: HttpRequest) -> HttpResponse:
    """Wishes near home that nobody has taken on; a wider place by choice."""
    actor = actor_of(request)
    own = selectors.own_member(actor)
    if own is None:
        return _to_report_first(request)
    category = request.GET.get("kind", "")
    category = category if category in dict(CATEGORIES) else ""
    wider = request.GET.get("wider", "")
    place = {"street": own.place_code[:9], "district": own.place_code[:6]}.get(wider, own.place_code)
    context = {
        "own": own, "lines": selectors_wishes.wishes_near(own.place_code, category, wider=place), "place_name": name_of_place(place),
        "kind": category, "kinds": CATEGORIES, "wider": wider if place != own.place_code else "", "strip": "nearby",
        "claimed": selectors_wishes.claimed_by(own), "actor": actor,
    }  # fmt: skip
    return render(request, "vanguard/member_wishes.html", context)


@guarded
@never_cache
@require_http_methods(["GET", "POST"])
def wish(request: HttpRequest, pk: int) -> HttpResponse:
    """One wish: claim it, give it back, say what was done."""
    actor = actor_of(request)
    own = selectors.own_member(actor)
    if own is None:
        return _to_report_first(request)
    page = selectors_wishes.wish_page(actor, pk, own)
    form = WordsForm(_("办了什么"), request.POST if request.POST.get("do") == "serve" else None)
    if request.method == "POST":
        if _wish_done(request, actor, pk, form):
            return redirect("vanguard:member_wish", pk)
        if not form.is_bound:
            return redirect("vanguard:member_wishes")
    context = {"page_of": page, "form": form, "own": own, "strip": "nearby"}
    return render(request, "vanguard/member_wish.html", context, status=422 if form.is_bound else 200)


def _wish_done(request: HttpRequest, actor: Actor, pk: int, form: WordsForm) -> bool:
    asked = request.POST.get("do", "")
    if asked == "serve":
        done = form.is_valid() and carried_out(
            form,
            lambda: services_wishes.serve(actor=actor, wish_id=pk, note=form.cleaned_data["words"]),
        )
        if done:
            messages.success(request, _("记下了。受助人确认后，这件就办成了。"))
        return done
    acts: dict[str, tuple[Act, str]] = {
        "claim": (partial(services_wishes.claim, actor=actor, wish_id=pk), _("认领好了。具体情况和联系方式在下面。")),
        "give_back": (partial(services_wishes.give_back, actor=actor, wish_id=pk), _("已退回，让给别人认领。")),
    }  # fmt: skip
    return asked in acts and pressed(request, *acts[asked])


@guarded
@require_GET
def shifts(request: HttpRequest) -> HttpResponse:
    """Shifts to come in the district, for who may stand in them."""
    actor = actor_of(request)
    own = selectors.own_member(actor)
    place = own.place_code if own is not None else _home(actor)
    if not selectors.may_stand(actor.person_id, place):
        if own is None:
            return _to_report_first(request)
        return render(request, "vanguard/shifts.html", {"waits": True, "strip": "nearby"})
    context = {
        "lines": selectors_callups.shifts_for(actor, place), "own": own, "calls": _calls(actor), "strip": "nearby",
    }  # fmt: skip
    return render(request, "vanguard/shifts.html", context)


@guarded
@never_cache
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest, pk: int) -> HttpResponse:
    """One shift: join, leave, ask for a substitute, stand in for somebody, leave a note to the next."""
    actor = actor_of(request)
    session = selectors_callups.shift_for(actor, pk)
    form = WordsForm(_("交接的事"), request.POST if request.POST.get("do") == "note" else None)
    if request.method == "POST" and (_shift_done(request, actor, pk, form) or not form.is_bound):
        return redirect("vanguard:shift", pk)
    context = {
        "shown": selectors_callups.shift_page(actor, session), "form": form, "strip": "nearby",
        "may_stand": selectors.may_stand(actor.person_id, session.place_code),
    }  # fmt: skip
    return render(request, "vanguard/shift.html", context, status=422 if form.is_bound else 200)


def _shift_done(request: HttpRequest, actor: Actor, pk: int, form: WordsForm) -> bool:
    asked, person = request.POST.get("do", ""), int(actor.person_id or 0)
    if asked == "note":
        done = form.is_valid() and carried_out(
            form,
            lambda: services_callups.hand_over(actor=actor, session_id=pk, text=form.cleaned_data["words"]),
        )
        if done:
            messages.success(request, _("已交接给下一班。"))
        return done
    offer = whole_number(request.POST.get("offer", "")) or 0
    acts: dict[str, tuple[Act, str]] = {
        "join": (
            partial(join, actor=actor, session_id=pk, who=Applicant(person_id=person)),
            _("记下了。名额满了的排候补。"),
        ),
        "leave": (partial(withdraw, actor=actor, session_id=pk, person_id=person), _("已退出这一班。")),
        "offer": (
            partial(services_callups.offer_seat, actor=actor, session_id=pk),
            _("已请人接替。有人接之前，这一班还是您的。"),
        ),
        "keep": (partial(services_callups.take_back_offer, actor=actor, offer_id=offer), _("不再请人接替，这一班还是您的。")),
        "take": (partial(services_callups.take_seat, actor=actor, offer_id=offer), _("接替好了，这一班是您的了。")),
    }  # fmt: skip
    return asked in acts and pressed(request, *acts[asked])
