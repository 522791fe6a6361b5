"""What somebody answers for who holds an office without a scope: their own units; and appointments that run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.organisations.kinds import POSTS, UNIT_KINDS
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.policies import VIEW, appoint_capability, own_units
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import within

AHEAD = dt.timedelta(days=60)


def own(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """The units of somebody who sees no more of the organisations than these."""
    if actor.holds_somewhere(VIEW):
        return [], 0
    rows: list[UnitVersion] = list(versions_of(own_units(actor), today).values())
    names = _names(row.place_code for row in rows[:limit])
    items = [
        WorkItem(
            title=row.name, place_code=row.place_code, place_name=names.get(row.place_code[:12], ""),
            url=reverse("web:record", args=["units", row.pk]), action=_("看登记"), detail=str(UNIT_KINDS[row.kind]),
        )
        for row in rows[:limit]
    ]  # fmt: skip
    return items, len(rows)


def running_out(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Appointments and substitutions that end within two months, where the actor may extend them; soonest first."""
    places = {post: actor.places_for(appoint_capability(post)) for post in POSTS}
    posts = [post for post, codes in places.items() if codes]
    if not posts:
        return [], 0
    wide = sorted({code for post in posts for code in places[post]})
    rows = (
        Appointment.objects.in_force(today)
        .filter(within("place_code", wide), post__in=posts, valid_to__lte=today + AHEAD)
        .select_related("person")
        .order_by(F("valid_to").asc(), "pk")
    )
    policy = policy_for(Appointment)
    found = [row for row in rows.prefetch_related("places") if policy.can(actor, "appoint", row)]
    names = _names(row.place_code for row in found[:limit])
    items = [
        WorkItem(
            title=f"{row.person.name}（{POSTS[row.post].name}）", place_code=row.place_code, due=row.valid_to,
            place_name=names.get(row.place_code[:12], ""), url=reverse("web:record", args=["appointments", row.pk]),
            action=_("延长或离任"), detail=_("任职到期"),
        )
        for row in found[:limit]
    ]  # fmt: skip
    return items, len(found)


def _names(codes: Iterable[str]) -> dict[str, str]:
    return dict(Area.objects.filter(code__in={code[:12] for code in codes}).values_list("code", "name"))


declare(
    WorkProvider("organisations.own", lazy("我的单位"), "own", own),
    WorkProvider("organisations.running_out", lazy("任职到期"), "due", running_out),
)
