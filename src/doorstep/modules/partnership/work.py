"""What waits in building together: agreements running out, people to screen, approve and appoint, topics, minutes, what was done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.working_days import last_day
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership import selectors, states, states_resolutions
from doorstep.modules.partnership.models import Consultation, Deed, Resolution, Topic
from doorstep.modules.partnership.models_meetings import COLLECTED
from doorstep.modules.partnership.numbers import WARN_DAYS, number_on
from doorstep.modules.partnership.policies import CONFIRM, KEEP, acting_units
from doorstep.modules.partnership.selectors_pages import open_matters

Found = tuple[Iterable[WorkItem], int]


def _places(rows: Iterable[Any]) -> Mapping[str, str]:
    return dict(
        Area.objects.filter(code__in={row.place_code[:12] for row in rows}).values_list("code", "name")
    )


def expiring(actor: Actor, today: dt.date, limit: int) -> Found:
    """Agreements that run out within the days of the number in force, and are not renewed."""
    if not actor.holds_somewhere(KEEP):
        return [], 0
    rows = selectors.expiring(actor, today + dt.timedelta(days=number_on(WARN_DAYS)))
    shown = list(rows[:limit])
    names, places = last_names(row.unit_id for row in shown), _places(shown)
    items = [
        WorkItem(
            title=names.get(row.unit_id, ""), place_code=row.place_code, place_name=places.get(row.place_code, ""),
            action=_("续签或终止"), url=reverse("partnership:unit", args=[row.unit_id]), due=row.valid_to,
            detail=_("共建协议 %(document)s 到期") % {"document": row.document},
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def _nominations(actor: Actor, limit: int, steps: Mapping[str, tuple[str, Any]]) -> Found:
    """Nominations that wait for the actor: by state, the capability and the words of the step. Never what the actor proposed."""
    condition = Q(pk__in=[])
    for state, (capability, _words) in steps.items():
        condition |= Q(state=state) & within("place_code", actor.places_for(capability))
    rows = Matter.objects.filter(condition, kind="nomination", is_open=True).exclude(
        reporter_id=actor.person_id or 0
    )
    return _of_matters(
        rows.order_by("due_at", "pk"), limit, lambda row: steps[row.state][1], "partnership:nomination"
    )


def _of_matters(rows: Any, limit: int, action: Any, page: str) -> Found:
    shown = list(rows.defer("text", "sought", "bigrams")[: limit + 1])
    places = _places(shown)
    items = [
        WorkItem(
            title=row.title, place_code=row.place_code, place_name=places.get(row.place_code[:12], ""), action=action(row),
            url=reverse(page, args=[row.number if page == "desk:matter" else row.pk]),
            due=last_day(row.due_at) if row.due_at else None, detail=f"{row.number} · {row.state_name}",
        )
        for row in shown[:limit]
    ]  # fmt: skip
    return items, len(shown) if len(shown) <= limit else rows.count()


def nominations(actor: Actor, today: dt.date, limit: int) -> Found:
    """The steps of the five that are the actor's to take."""
    return _nominations(
        actor, limit,
        {
            "recommended": (states.SCREEN, gettext_lazy("筛选")), "screened": (states.APPROVE, gettext_lazy("审批")),
            "approved": (states.APPROVE, gettext_lazy("聘任")), "appointed": (states.PUBLISH, gettext_lazy("公示")),
        },
    )  # fmt: skip


def to_confirm(actor: Actor, today: dt.date, limit: int) -> Found:
    """Resolutions that a unit has handled; what the own unit did is for others."""
    if not actor.holds_somewhere(states_resolutions.CONFIRM):
        return [], 0
    rows = open_matters(actor, "resolution", ["handled"], states_resolutions.CONFIRM)
    return _of_matters(
        rows.exclude(handler_id=actor.person_id or 0), limit, lambda row: _("确认"), "desk:matter"
    )


def unowned(actor: Actor, today: dt.date, limit: int) -> Found:
    """Resolutions whose unit left."""
    if not actor.holds_somewhere(states_resolutions.OPEN):
        return [], 0
    rows = open_matters(actor, "resolution", ["unowned"], states_resolutions.OPEN)
    return _of_matters(rows, limit, lambda row: _("落实责任单位"), "partnership:assign")


def own_resolutions(actor: Actor, today: dt.date, limit: int) -> Found:
    """Resolutions that a unit of the actor's is responsible for."""
    units = acting_units(actor)
    if not units:
        return [], 0
    mine = Resolution.objects.filter(unit_id__in=units).values("pk")
    rows = Matter.objects.filter(pk__in=mine, state__in=("resolved", "running")).order_by("due_at", "pk")
    return _of_matters(
        rows,
        limit,
        lambda row: _("认领") if row.state == "resolved" else _("办理"),
        "partnership:own_resolution",
    )


def topics(actor: Actor, today: dt.date, limit: int) -> Found:
    """Topics of meetings to come that somebody else brought and nobody has screened."""
    if not actor.holds_somewhere(KEEP):
        return [], 0
    rows = Topic.objects.filter(
        within("place_code", actor.places_for(KEEP)), state=COLLECTED, consultation__cancelled_at=None,
        consultation__minutes=None,
    ).exclude(brought_by_id=actor.person_id or 0)  # fmt: skip
    shown = list(rows.select_related("consultation").order_by("consultation__starts_at", "pk")[:limit])
    places = _places(shown)
    items = [
        WorkItem(
            title=row.title, place_code=row.place_code, place_name=places.get(row.place_code, ""), action=_("筛选议题"),
            url=reverse("partnership:consultation", args=[row.consultation_id]),
            due=clock.day_of(row.consultation.starts_at), detail=row.consultation.title,
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def unminuted(actor: Actor, today: dt.date, limit: int) -> Found:
    """Meetings that are over and have no minutes that stand."""
    if not actor.holds_somewhere(KEEP):
        return [], 0
    without = Q(minutes=None) | Q(minutes__cancelled_at__isnull=False)
    rows = Consultation.objects.filter(
        without, within("place_code", actor.places_for(KEEP)), cancelled_at=None, ends_at__lt=clock.now()
    )
    shown = list(rows.order_by("starts_at", "pk")[:limit])
    places = _places(shown)
    items = [
        WorkItem(
            title=row.title, place_code=row.place_code, place_name=places.get(row.place_code, ""),
            action=_("登记会议记录"), url=reverse("partnership:consultation", args=[row.pk]),
            detail=_("%(day)s 已开") % {"day": clock.day_of(row.starts_at)},
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def deeds(actor: Actor, today: dt.date, limit: int) -> Found:
    """What a department or somebody else of the community recorded and nobody has confirmed."""
    if not actor.holds_somewhere(CONFIRM):
        return [], 0
    rows = Deed.objects.filter(
        within("place_code", actor.places_for(CONFIRM)), confirmed_at=None, struck_at=None
    )
    rows = rows.exclude(recorded_by_id=actor.person_id or 0)
    shown = list(rows.order_by("day", "pk")[:limit])
    places = _places(shown)
    items = [
        WorkItem(
            title=row.what, place_code=row.place_code, place_name=places.get(row.place_code, ""), action=_("确认"),
            url=reverse("partnership:pairing", args=[row.pairing_id]),
            detail=f"{row.day} · {row.get_kind_display()}",
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def _register(key: str, query: str = "") -> Any:
    return lambda actor: reverse("web:register", args=[key]) + query


declare(
    WorkProvider("partnership.expiring", gettext_lazy("快到期的共建协议"), "due", expiring, _register("partnership.agreements")),
    WorkProvider("partnership.nominations", gettext_lazy("兼职委员人选"), "decide", nominations, _register("partnership.commissioners")),
    WorkProvider("partnership.to_confirm", gettext_lazy("要确认的会议决议"), "confirm", to_confirm,
                 _register("partnership.resolutions", "?state=handled")),
    WorkProvider("partnership.unowned", gettext_lazy("责任单位退出的决议"), "broken", unowned,
                 _register("partnership.resolutions", "?state=unowned")),
    WorkProvider("partnership.own_resolutions", gettext_lazy("本单位要办的会议决议"), "due", own_resolutions,
                 lambda actor: reverse("partnership:own")),
    WorkProvider("partnership.topics", gettext_lazy("要筛选的议题"), "decide", topics, _register("partnership.topics", "?state=collected")),
    WorkProvider("partnership.unminuted", gettext_lazy("开过没登记的会"), "settle", unminuted,
                 _register("partnership.consultations", "?unminuted=yes")),
    WorkProvider("partnership.deeds", gettext_lazy("要确认的结对记录"), "confirm", deeds, _register("partnership.deeds", "?waiting=yes")),
)  # fmt: skip
