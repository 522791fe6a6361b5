"""Consultation meetings on the desk: called, topics, minutes, what was resolved; joint activities announced."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.organisations.selectors import last_names, versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import LENGTHS, is_code
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of, own_places
from doorstep.modules.partnership import (
    forms,
    forms_meetings,
    selectors_pages,
    services_gatherings,
    services_meetings,
    services_resolutions,
)
from doorstep.modules.partnership.activity_kind import JOINT
from doorstep.modules.partnership.committee import voting_members
from doorstep.modules.partnership.models import Consultation, Gathering, Resolution, Topic
from doorstep.modules.partnership.pages import desk_page, form_page
from doorstep.modules.partnership.policies import KEEP
from doorstep.modules.partnership.selectors import community_unit
from doorstep.modules.partnership.states_resolutions import OPEN


def _community(request: HttpRequest) -> str:
    """The community asked for (`place`, or `unit`: its party organisation), else the reader's own. Raises Http404 outside those kept."""
    actor = actor_of(request)
    unit_id = whole_number(request.GET.get("unit", ""))
    version = versions_of([unit_id]).get(unit_id) if unit_id else None
    code = version.place_code if version else request.GET.get("place", "") or (own_places(actor) or [""])[0]
    if not is_code(code) or len(code) != LENGTHS["community"] or not actor.holds(KEEP, code):
        raise Http404
    return code


@desk_page
def call(request: HttpRequest) -> HttpResponse:
    """Call a meeting in a community."""
    actor, code = actor_of(request), _community(request)
    form = forms_meetings.ConsultationForm(request.POST or None, initial={"key": uuid.uuid4()})
    made: list[Consultation] = []

    def act() -> None:
        starts, ends = form.moments()
        given = {name: form.cleaned_data[name] for name in ("title", "where", "key")}
        new = services_meetings.NewConsultation(place_code=code, starts_at=starts, ends_at=ends, **given)
        made.append(services_meetings.call_consultation(actor=actor, new=new))

    return form_page(
        request, form, _("召集协商议事会"), reverse("partnership:committee", args=[code]), act,
        _("已召集，委员和共建单位联络员都收到了通知。"), place_code=code, where=full_names_of({code}).get(code, ""),
        note=_("议题要提前征集，日期太近的不能召集。"), to=lambda: reverse("partnership:consultation", args=[made[0].pk]),
    )  # fmt: skip


def seen(actor: Actor, pk: int) -> Consultation:
    """Raises NotVisible."""
    rows = policy_for(Consultation).visible_to(actor).filter(pk=pk)
    row: Consultation | None = rows.select_related("minutes").first()
    if row is None:
        raise NotVisible("")
    return row


@desk_page
@require_GET
def consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting: its topics, minutes, resolutions."""
    actor = actor_of(request)
    row = seen(actor, pk)
    page_of(request).place_code = row.place_code
    topics = list(row.topics.select_related("brought_by").order_by("pk"))
    if not policy_for(Consultation).can(
        actor, "view", row
    ):  # a unit sees what it brought, and what was taken up
        own = set(services_meetings.units_to_speak_for(actor, row))
        topics = [topic for topic in topics if topic.state == "taken" or topic.unit_id in own]
    minutes = services_meetings.minutes_of(row)
    resolutions = list(
        policy_for(Resolution).visible_to(actor).filter(minutes=minutes).select_related("matter").order_by("number")
    ) if minutes else []  # fmt: skip
    keeps = policy_for(Consultation).can(actor, "keep", row)
    context = {
        "row": row, "topics": topics, "minutes": minutes, "resolutions": resolutions, "keeps": keeps,
        "names": last_names({row.unit_id, *(t.unit_id for t in topics), *(r.unit_id for r in resolutions)}),
        "where": full_names_of({row.place_code}).get(row.place_code, ""), "me": actor.person_id,
        "takes_topics": _takes_topics(row) and bool(services_meetings.units_to_speak_for(actor, row)),
        "over": clock.now() >= row.ends_at, "voting": voting_members(row.unit_id, clock.day_of(row.starts_at)) or 0,
        "resolves": bool(minutes and minutes.quorate and actor.holds(OPEN, row.place_code)),
        "desk": policy_for(Consultation).can(actor, "view", row),
    }  # fmt: skip
    return render(request, "partnership/consultation.html", context)


def _takes_topics(row: Consultation) -> bool:
    return row.cancelled_at is None and row.minutes_id is None and clock.today() <= row.topics_until


@desk_page
def topic_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a topic in the name of the reader's unit."""
    actor = actor_of(request)
    row = seen(actor, pk)
    units = last_names(services_meetings.units_to_speak_for(actor, row))
    if not units:
        raise Http404
    form = forms_meetings.TopicForm(list(units.items()), request.POST or None, initial={"key": uuid.uuid4()})

    def act() -> None:
        given = dict(form.cleaned_data)
        new = services_meetings.NewTopic(consultation_id=pk, unit_id=given.pop("unit"), **given)
        services_meetings.bring_topic(actor=actor, new=new)

    return form_page(
        request, form, _("提议题"), reverse("partnership:consultation", args=[pk]), act, _("已提交，社区党组织筛选后列入议程。"),
        place_code=row.place_code, note=_("“%(title)s”的议题征集到 %(day)s。") % {"title": row.title, "day": row.topics_until},
    )  # fmt: skip


@desk_page
def topic_screen(request: HttpRequest, pk: int, take: str) -> HttpResponse:
    """Take a topic up (`take`), or leave it out with the reason (`leave`)."""
    actor = actor_of(request)
    row = policy_for(Topic).visible_to(actor).filter(pk=pk).select_related("consultation").first()
    if row is None or take not in ("take", "leave"):
        raise Http404
    policy_for(Topic).require(actor, "keep", row)
    form = (
        forms.NothingForm(request.POST or None) if take == "take" else forms.ReasonForm(request.POST or None)
    )
    if take == "take" and request.method == "POST":
        form = forms.NothingForm({})
    title = _("列入议程：%(title)s") if take == "take" else _("不列入：%(title)s")

    def act() -> None:
        reason = form.cleaned_data.get("reason", "")
        services_meetings.screen_topic(actor=actor, topic_id=pk, take=take == "take", reason=reason)

    return form_page(
        request, form, title % {"title": row.title}, reverse("partnership:consultation", args=[row.consultation_id]), act,
        _("已列入议程。") if take == "take" else _("没有列入，原因已记下。"), place_code=row.place_code, note=row.text,
    )  # fmt: skip


@desk_page
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a meeting will not take place, and why."""
    actor = actor_of(request)
    row = seen(actor, pk)
    policy_for(Consultation).require(actor, "keep", row)
    form = forms.ReasonForm(request.POST or None)
    return form_page(
        request, form, _("取消：%(title)s") % {"title": row.title}, reverse("partnership:consultation", args=[pk]),
        lambda: services_meetings.call_off(actor=actor, consultation_id=pk, **form.cleaned_data),
        _("已取消，收到过通知的人都知道了。"), place_code=row.place_code,
    )  # fmt: skip


@desk_page
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """Minutes of a meeting that was called: how many of those with a vote came."""
    actor = actor_of(request)
    row = seen(actor, pk)
    policy_for(Consultation).require(actor, "keep", row)
    starts, ends = (localtime(each, DISTRICT_ZONE) for each in (row.starts_at, row.ends_at))
    initial = {"day": starts.date(), "starts": starts.time(), "ends": ends.time(), "key": uuid.uuid4()}
    form = forms_meetings.HeldForm(request.POST or None, initial=initial)

    def act() -> None:
        begun, over = form.moments()
        given = {name: form.cleaned_data[name] for name in ("present", "decisions", "key")}
        held = services_meetings.Held(starts_at=begun, ends_at=over, **given)
        services_meetings.keep_minutes(actor=actor, consultation_id=pk, held_as=held)

    voting = voting_members(row.unit_id, clock.day_of(row.starts_at)) or 0
    return form_page(
        request, form, _("登记会议记录：%(title)s") % {"title": row.title}, reverse("partnership:consultation", args=[pk]),
        act, _("已登记会议记录。"), place_code=row.place_code,
        note=_("应到 %(n)d 名（有表决权的委员）。到会没有超过规定比例的，记录照样保存，但不作为凭据，也不能形成决议。") % {"n": voting},
    )  # fmt: skip


@desk_page
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter one thing that the meeting resolved."""
    actor = actor_of(request)
    row = seen(actor, pk)
    kept: Minutes | None = services_meetings.minutes_of(row)
    if kept is None or not actor.holds(OPEN, row.place_code):
        raise Http404
    topics = list(row.topics.filter(state="taken").order_by("pk").values_list("pk", "title"))
    form = forms_meetings.ResolutionForm(
        selectors_pages.responsible_choices(row.place_code),
        topics,
        request.POST or None,
        initial={"key": uuid.uuid4()},
    )

    def act() -> None:
        given = form.cleaned_data
        new = services_resolutions.NewResolution(
            title=given["title"], unit_id=given["unit"], text=given["text"], category=given["category"],
            topic_id=given["topic"], key=given["key"],
            tally=services_resolutions.Tally(**{name: given[name] for name in ("votes_for", "against", "abstained")}),
        )  # fmt: skip
        services_resolutions.resolve(actor=actor, minutes_id=kept.pk, resolutions=[new])

    return form_page(
        request, form, _("登记决议：%(title)s") % {"title": row.title}, reverse("partnership:consultation", args=[pk]), act,
        _("已登记，责任单位收到了通知。"), place_code=row.place_code,
        note=_("到会有表决权的委员 %(present)d 名，应到 %(entitled)d 名；赞成票不够的不能登记为决议。责任单位认领、办理，由社区党组织确认；期限按缓急来自时限表。")
        % {"present": kept.present, "entitled": kept.entitled},
    )  # fmt: skip


@desk_page
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Another unit for a resolution whose unit has left or cannot."""
    actor = actor_of(request)
    row = policy_for(Resolution).visible_to(actor).filter(pk=pk).select_related("matter").first()
    if row is None or row.matter.state != "unowned" or not actor.holds(OPEN, row.place_code):
        raise Http404
    form = forms_meetings.AssignForm(
        selectors_pages.responsible_choices(row.place_code),
        request.POST or None,
        initial={"version": row.matter.version},
    )

    def act() -> None:
        given = form.cleaned_data
        services_resolutions.assign(
            actor=actor,
            matter_id=pk,
            unit_id=given["unit"],
            note=given["note"],
            expected_version=given["version"],
        )

    return form_page(
        request, form, _("落实责任单位：%(title)s") % {"title": row.matter.title},
        reverse("desk:matter", args=[row.matter.number]), act, _("已落实，期限重新计算。"), place_code=row.place_code,
    )  # fmt: skip


@desk_page
def gathering_new(request: HttpRequest) -> HttpResponse:
    """Announce a joint activity; `place`, or `unit` with the number of the community's party organisation."""
    actor = actor_of(request)
    code = _community(request)
    organiser = community_unit(code)
    if organiser is None:
        raise Http404
    form = forms_meetings.GatheringForm(
        selectors_pages.partner_choices(code), request.POST or None, initial={"key": uuid.uuid4()}
    )
    made: list[Gathering] = []

    def act() -> None:
        given: dict[str, Any] = form.cleaned_data
        starts, ends = form.moments()
        activity = NewActivity(
            kind=JOINT, place_code=code, organiser_id=organiser.unit_id,
            **{name: given[name] for name in ("category", "title", "where", "text", "phone", "by_sign_up")},
        )  # fmt: skip
        new = services_gatherings.NewGathering(
            activity=activity,
            sessions=[NewSession(starts_at=starts, ends_at=ends)],
            unit_ids=tuple(given["units"]),
        )
        made.append(services_gatherings.plan_gathering(actor=actor, new=new, key=given["key"]))

    return form_page(
        request, form, _("发布共建活动"), reverse("partnership:place", args=[code]), act,
        _("已发布。办完以后确认到场人数，就算办过。"), place_code=code, where=full_names_of({code}).get(code, ""),
        to=lambda: f"{reverse('web:register', args=['partnership.gatherings'])}?place={code}",
    )  # fmt: skip
