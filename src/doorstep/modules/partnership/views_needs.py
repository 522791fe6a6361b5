"""Needs in office: the board of the four lists, one need with what would meet it, screening, joining, agreeing on a project."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.matters.selectors import visible_matter
from doorstep.kernel.matters.selectors_timeline import timeline_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership import selectors_lists as selectors
from doorstep.modules.partnership import services_needs as services
from doorstep.modules.partnership.forms import Choices
from doorstep.modules.partnership.forms_lists import (
    AgreeForm,
    JoinForm,
    ReasonForm,
    RewordForm,
    ScreenForm,
    TellForm,
    as_time,
    fen_of,
)
from doorstep.modules.partnership.models_lists import ORIGINS, Claim, Need, Resource
from doorstep.modules.partnership.pages import desk_page
from doorstep.modules.partnership.pages_lists import (
    communities,
    form_page,
    kinds_at,
    new_key,
    stand_at,
)
from doorstep.modules.partnership.selectors_duties import takers_for_need
from doorstep.modules.partnership.selectors_matching import MOST_NEEDS, shared_out, suggestions_for
from doorstep.modules.partnership.services_needs import NewNeed
from doorstep.modules.partnership.services_projects import Duty, Partner, ProjectData, Use, agree_project
from doorstep.modules.partnership.states_needs import OPEN, SCREEN, VIEW
from doorstep.modules.partnership.wording_lists import price_words

OPEN_STATES = ("published", "claimed")


@desk_page
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The four lists of a place: what stands on each, and the chain of each need."""
    actor, place = actor_of(request), request.GET.get("place", "")
    if not actor.holds_somewhere(VIEW) or not is_code(place):
        raise Http404
    if not place:
        own = actor.places_for(VIEW)
        place = own[0] if len(own) == 1 else ""
    shown = selectors.board(
        actor, place, request.GET.get("stage", ""), whole_number(request.GET.get("before", ""))
    )
    context = {
        "board": shown, "place": place, "stage": request.GET.get("stage", ""), "may_open": actor.holds_somewhere(OPEN),
        "may_match": actor.holds_somewhere(SCREEN),
    }  # fmt: skip
    return render(request, "partnership/lists/board.html", context)


@desk_page
@require_GET
def matches(request: HttpRequest) -> HttpResponse:
    """All needs of a place that wait for a unit, with what is best for all of them together."""
    actor, place = actor_of(request), request.GET.get("place", "")
    own = actor.places_for(VIEW)
    if not own or not is_code(place):
        raise Http404
    place = place or own[0]
    shared = shared_out(actor, place)
    context = {"shared": shared, "place": place, "most": MOST_NEEDS if len(shared) == MOST_NEEDS else 0}
    return render(request, "partnership/lists/matches.html", context)


@desk_page
@require_GET
def need(request: HttpRequest, pk: int) -> HttpResponse:
    """One need: what was told, what is published, who claimed it, what would meet it, its project, its history."""
    actor = actor_of(request)
    found = selectors.need_seen(actor, pk)
    stand_at(request, found.matter.place_code)
    screens = policy_for(Need).can(actor, "screen", found)
    waits = found.matter.state in ("collected", "screened", *OPEN_STATES)
    context = {
        "shown": selectors.need_page(found), "need": found, "matter": found.matter, "timeline": timeline_of(actor, found.matter),
        "suggestions": suggestions_for(found) if waits else None, "screens": screens, "acts": _acts(found) if screens else [],
    }  # fmt: skip
    return render(request, "partnership/lists/need.html", context)


def _acts(need: Need) -> list[tuple[str, str, bool]]:
    """(act, words, main) that a need allows who screens it, by its state."""
    by_state: dict[str, list[tuple[str, str, bool]]] = {
        "collected": [("screen", _("审核"), True), ("join", _("合并"), False), ("decline", _("不列入"), False)],
        "screened": [("publish", _("发布"), True), ("reword", _("改写"), False), ("decline", _("不列入"), False)],
        "published": [("agree", _("商定项目"), True), ("reword", _("改写"), False), ("join", _("合并"), False), ("decline", _("不列入"), False)],
        "claimed": [("agree", _("商定项目"), True), ("reword", _("改写"), False)], "joined": [("part", _("取消合并"), False)],
    }  # fmt: skip
    return by_state.get(need.matter.state, [])


@desk_page
def tell(request: HttpRequest) -> HttpResponse:
    """A need in office: from a request (?from=its number), a meeting, a visit."""
    actor = actor_of(request)
    mine = actor.places_for(OPEN)
    if not mine:
        raise Http404
    origin = request.GET.get("from", "")
    initial: dict[str, Any] = {
        "key": new_key(),
        "place": request.GET.get("place", "")[:12],
        "told": "visit",
        "origin": origin,
    }
    if origin:
        matter = visible_matter(actor, origin)
        initial |= {
            "told": "request", "title": matter.title, "text": matter.text, "place": matter.place_code[:12], "origin": matter.number,
        }  # fmt: skip
    told = [(code, words) for code, words in ORIGINS if code in ("request", "forum", "visit")]
    meetings = [row for code in mine for row in selectors.meetings_at(actor, code)]
    form = TellForm(
        kinds_at(mine[0]), communities(mine), meetings, told, request.POST or None, initial=initial
    )
    made: list[Need] = []

    def act() -> None:
        data = form.cleaned_data
        made.append(
            services.raise_need(
                actor=actor,
                new=NewNeed(
                    place_code=data["place"], title=data["title"], text=data["text"], wanted=form.wanted(), told=data["told"],
                    origin=data["origin"] if data["told"] == "request" else None,
                    meeting_id=data["meeting"] if data["told"] == "forum" else None, key=data["key"],
                ),
            )
        )  # fmt: skip

    back = reverse("partnership:lists")
    return form_page(
        request, form, act, _("已登记，请审核。"), lambda: reverse("partnership:need", args=[made[0].pk]),
        title=_("登记需求"), back=back, verb=_("登记"),
    )  # fmt: skip


Maker = Callable[[HttpRequest, Actor, Need], HttpResponse]


@desk_page
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One act of who screens a need."""
    actor = actor_of(request)
    found = selectors.need_seen(actor, pk)
    maker = _MAKERS.get(act)
    if maker is None:
        raise NotVisible("")
    if not policy_for(Need).can(actor, "screen", found):
        raise NotAllowed("")
    stand_at(request, found.matter.place_code)
    return maker(request, actor, found)


def _done(need: Need) -> str:
    return reverse("partnership:need", args=[need.pk])


def _screen(request: HttpRequest, actor: Actor, need: Need) -> HttpResponse:
    initial = {
        "headline": need.headline or need.matter.title, "about": need.about, "resource_class": need.resource_class, "people": need.people,
        "units": need.units, "since": need.since, "until": need.until, "opens": as_time(need.opens), "closes": as_time(need.closes),
        "week": [] if need.weekdays == rules.ALL_WEEK else list(rules.weekdays_of(need.weekdays)), "minutes": need.minutes_needed or None,
        "note": _("您的需求已列入清单，正在请单位认领。"), "version": need.matter.version,
    }  # fmt: skip
    form = ScreenForm(kinds_at(need.matter.place_code), request.POST or None, initial=initial)

    def act() -> None:
        data = form.cleaned_data
        services.screen(
            actor=actor, need_id=need.pk, headline=data["headline"], about=data["about"], note=data["note"], wanted=form.wanted(),
            publishes=True, expected_version=data["version"],
        )  # fmt: skip

    return form_page(
        request, form, act, _("已审核并发布。"), lambda: _done(need), title=_("审核并发布：%s") % need.matter.title,
        back=_done(need), verb=_("审核通过并发布"), about=need.matter.text,
    )  # fmt: skip


def _reword(request: HttpRequest, actor: Actor, need: Need) -> HttpResponse:
    initial = {"headline": need.headline, "about": need.about, "version": need.matter.version}
    form = RewordForm(request.POST or None, initial=initial)

    def act() -> None:
        data = form.cleaned_data
        services.reword(
            actor=actor, need_id=need.pk, headline=data["headline"], about=data["about"], expected_version=data["version"]
        )  # fmt: skip

    return form_page(
        request, form, act, _("已改写，各单位现在看到新的内容。"), lambda: _done(need),
        title=_("改写发布的内容：%s") % need.headline, back=_done(need), verb=_("改写"), about=need.matter.text,
    )  # fmt: skip


def _publish(request: HttpRequest, actor: Actor, need: Need) -> HttpResponse:
    form = _confirmation(request, need)
    return form_page(
        request, form, lambda: services.publish(actor=actor, need_id=need.pk), _("已发布。"), lambda: _done(need),
        title=_("发布：%s") % need.headline, back=_done(need), verb=_("发布"), about=need.about,
    )  # fmt: skip


def _confirmation(request: HttpRequest, need: Need) -> ReasonForm:
    """A page that asks for nothing."""
    form = ReasonForm("", "none", request.POST or None, initial={"version": need.matter.version})
    del form.fields["none"]
    return form


def _decline(request: HttpRequest, actor: Actor, need: Need) -> HttpResponse:
    form = ReasonForm(
        _("给提出人的说明"), "note", request.POST or None, initial={"version": need.matter.version},
        help_text=_("为什么不列入，可以找谁。"),
    )  # fmt: skip
    return form_page(
        request, form,
        lambda: services.decline(
            actor=actor, need_id=need.pk, note=form.cleaned_data["note"], expected_version=form.cleaned_data["version"]
        ),
        _("已答复提出人。"), lambda: _done(need), title=_("不列入：%s") % need.matter.title, back=_done(need), verb=_("不列入"),
    )  # fmt: skip


def _join(request: HttpRequest, actor: Actor, need: Need) -> HttpResponse:
    others = [
        (row.pk, f"{row.matter.number} {row.headline or row.matter.title}")
        for row in selectors.similar_to(actor, need)
    ]
    form = JoinForm(others, request.POST or None)
    return form_page(
        request, form,
        lambda: services.join(
            actor=actor, need_id=need.pk, main_id=form.cleaned_data["main_id"], reason=form.cleaned_data["reason"]
        ),
        _("已合并，原件保留，提出人会收到通知。"), lambda: _done(need), title=_("合并：%s") % need.matter.title,
        back=_done(need), verb=_("合并"), nothing="" if others else _("本社区没有别的未结需求，不能合并。"),
    )  # fmt: skip


def _part(request: HttpRequest, actor: Actor, need: Need) -> HttpResponse:
    form = ReasonForm(_("为什么取消合并"), "reason", request.POST or None, longest=200)
    return form_page(
        request, form, lambda: services.part(actor=actor, need_id=need.pk, reason=form.cleaned_data["reason"]),
        _("已取消合并，请重新审核。"), lambda: _done(need), title=_("取消合并：%s") % need.matter.title, back=_done(need), verb=_("取消合并"),
    )  # fmt: skip


def _agree(request: HttpRequest, actor: Actor, need: Need) -> HttpResponse:
    place, claims = need.matter.place_code, list(need.claims.filter(ended_at=None).order_by("slot"))
    units = selectors.partners_of(place)
    offers = selectors.resources_serving(place, need.resource_class)
    initial = {
        "title": need.headline, "unit": claims[0].unit_id if claims else whole_number(request.GET.get("unit", "")),
        "others": [claim.unit_id for claim in claims[1:]], "resource": _first_offer(claims, offers, need.resource_class) or whole_number(request.GET.get("resource", "")),
        "starts_on": clock.today(), "ends_on": clock.today() + dt.timedelta(days=30), "version": need.matter.version, "key": new_key(),
    }  # fmt: skip
    claimed = {claim.unit_id for claim in claims}
    form = AgreeForm(
        units, _offered(offers, dict(units), claimed), takers_for_need(need, claimed, offers), request.POST or None,
        initial=initial,
    )  # fmt: skip
    made: list[int] = []
    return form_page(
        request, form, lambda: made.append(agree_project(actor=actor, need_id=need.pk, data=_project(form)).pk), _("已立项，责任单位会收到通知。"),
        lambda: reverse("partnership:project", args=[made[0]]), title=_("商定项目：%s") % need.headline, back=_done(need), verb=_("立项"),
        about=need.about,
    )  # fmt: skip


def _first_offer(claims: Sequence[Claim], offers: Sequence[Resource], kind: str) -> int | None:
    """What the first claim named, else the one thing that its unit offers of this class."""
    if not claims:
        return None
    own = [row.pk for row in offers if row.unit_id == claims[0].unit_id and row.resource_class == kind]
    return claims[0].resource_id or (own[0] if len(own) == 1 else None)


def _offered(offers: Iterable[Resource], names: dict[Any, Any], claimed: Collection[int]) -> Choices:
    """Resources under the unit whose they are, those of units that took the need on first."""
    by_unit: dict[int, list[tuple[int, str]]] = {}
    for row in sorted(offers, key=lambda row: row.unit_id not in claimed):
        by_unit.setdefault(row.unit_id, []).append((row.pk, f"{row.name}（{price_words(row)}）"))
    return [(names.get(unit, _("别的单位")), rows) for unit, rows in by_unit.items()]


def _project(form: AgreeForm) -> ProjectData:
    data = form.cleaned_data
    uses = []
    if data["resource"]:
        starts, ends = (
            dt.datetime.combine(data["use_day"], data[name], clock.DISTRICT_ZONE)
            for name in ("use_starts", "use_ends")
        )
        uses.append(Use(resource_id=data["resource"], starts_at=starts, ends_at=ends))
    return ProjectData(
        unit_id=data["unit"], title=data["title"], starts_on=data["starts_on"], ends_on=data["ends_on"], hands=data["hands"] or 0,
        budget_fen=fen_of(data["budget"]) or 0, budget_from=data["budget_from"],
        others=[Partner(unit_id=unit) for unit in data["others"]], uses=uses,
        duties=[Duty(unit_id=unit, what=what, due_on=until) for unit, what, until in data["duties"]], key=data["key"],
    )  # fmt: skip


_MAKERS: dict[str, Maker] = {
    "screen": _screen, "publish": _publish, "reword": _reword, "decline": _decline, "join": _join, "part": _part, "agree": _agree,
}  # fmt: skip
