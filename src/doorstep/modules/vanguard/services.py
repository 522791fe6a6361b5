"""Setting up posts, areas and projects, and who holds them. The only writer of these; members: services_members; wishes:
services_wishes; call-ups: services_callups; what is told to employers: services_feedback; the past: services_past.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.activities.checks import check_place, check_text
from doorstep.kernel.activities.models import Activity
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.places.models import Building, Compound
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.vanguard.drawing import checked_outline
from doorstep.modules.vanguard.models import (
    POST_KINDS,
    Area,
    AreaPlace,
    Holding,
    Post,
    Project,
    ProjectActivity,
)
from doorstep.modules.vanguard.policies import KEEP
from doorstep.modules.vanguard.selectors import HELD

MOST_PLACES = 60
Kept = Post | Area | Project


@dataclass(frozen=True, kw_only=True)
class NewKept:
    """What posts, areas and projects have in common."""

    place_code: str
    name: str
    unit_id: int
    valid_from: dt.date


@transaction.atomic
def set_up_post(*, actor: Actor, new: NewKept, kind: str, duty: str = "") -> Post:
    """Set a post up, vacant at first. Raises Refused naming the field; the same name of a unit at a place twice is one."""
    columns = _checked(actor, new)
    if kind not in dict(POST_KINDS):
        raise RuleViolation(_("请选岗位类型。"), field="kind")
    return _made(actor, Post(**columns, kind=kind, duty=check_text(duty, "duty", 300)))


@dataclass(frozen=True, kw_only=True)
class Places:
    """The places of an area: codes of grids or communities, compounds, buildings."""

    codes: Sequence[str] = ()
    compounds: Sequence[int] = ()
    buildings: Sequence[int] = ()


@transaction.atomic
def set_up_area(
    *, actor: Actor, new: NewKept, places: Places | None = None, outline: Sequence[tuple[float, float]] = (), duty: str = "",
) -> Area:  # fmt: skip
    """Mark a responsibility area out by its places, by the corners of an outline (longitude, latitude; WGS-84 degrees), or by
    both, all within `new.place_code`. Raises Refused naming the field."""
    columns = _checked(actor, new)
    parts = checked_places(new.place_code, places or Places(), needed=not outline)
    drawn = checked_outline(new.place_code, outline, new.valid_from) if outline else None
    made = _made(actor, Area(**columns, outline=drawn, duty=check_text(duty, "duty", 300)))
    for part in parts:
        part.area = made
    AreaPlace.objects.bulk_create(parts)
    return made


def checked_places(place_code: str, places: Places, *, needed: bool = True) -> list[AreaPlace]:
    """The rows of an area's places, unsaved. Raises RuleViolation where one is not there, or outside."""
    number = len(places.codes) + len(places.compounds) + len(places.buildings)
    if needed and not number:
        raise RuleViolation(_("请至少选一处地方：网格、小区楼院或楼栋；或者在图上画出范围。"), field="places")
    if number > MOST_PLACES:
        raise RuleViolation(_("一个责任区最多 %d 处地方。") % MOST_PLACES, field="places")
    for code in places.codes:
        check_place(code)
        if not contains(place_code, code):
            raise RuleViolation(_("%s 不在这个责任区所在的地方里。") % code, field="places")
    compounds = list(Compound.objects.filter(pk__in=places.compounds))
    buildings = list(Building.objects.filter(pk__in=places.buildings))
    if len(compounds) != len(set(places.compounds)) or len(buildings) != len(set(places.buildings)):
        raise RuleViolation(_("有一处地方没有找到，请重新选。"), field="places")
    things: list[Compound | Building] = [*compounds, *buildings]
    for thing in things:
        if not contains(place_code, thing.place_code):
            raise RuleViolation(_("%s 不在这个责任区所在的地方里。") % thing.name, field="places")
    return [
        *(AreaPlace(code=code) for code in dict.fromkeys(places.codes)),
        *(AreaPlace(compound=thing) for thing in compounds),
        *(AreaPlace(building=thing) for thing in buildings),
    ]


@transaction.atomic
def set_up_project(*, actor: Actor, new: NewKept, aim: str, valid_to: dt.date | None = None) -> Project:
    """Set a project up with its aim and period. Raises Refused naming the field."""
    columns = _checked(actor, new)
    if valid_to is not None and valid_to <= new.valid_from:
        raise RuleViolation(_("结束日期须在开始之后。"), field="valid_to")
    aim = check_text(aim, "aim", 300, _("请写明项目的目标。"))
    return _made(actor, Project(**columns, aim=aim, valid_to=valid_to))


def _checked(actor: Actor, new: NewKept) -> dict[str, Any]:
    require_place(actor, KEEP, new.place_code)
    check_place(new.place_code)
    version = versions_of([new.unit_id], new.valid_from).get(new.unit_id)
    if version is None or version.place_code[:6] != new.place_code[:6]:
        raise RuleViolation(_("那一天没有这个单位。"), field="unit")
    name = check_text(new.name, "name", 80, _("请填名称。"))
    return {"place_code": new.place_code, "name": name, "unit_id": new.unit_id, "valid_from": new.valid_from}


def _made(actor: Actor, row: Any) -> Any:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Conflict(_("这个单位在这里已有同名的，不用再设。"), field="name") from clash
    record(actor, Act("vanguard.set_up", row, row.place_code, {"name": [None, row.name]}))
    return row


@transaction.atomic
def end_kept(*, actor: Actor, what: str, pk: int, ended_on: dt.date) -> Any:
    """End a post, an area or a project from a day on; whoever holds it then holds it until that day."""
    row = _locked(actor, what, pk)
    if row.valid_to is not None:
        raise Conflict(_("已经终止过了。"))
    if ended_on <= row.valid_from:
        raise RuleViolation(_("终止日期须在起用之后。"), field="ended_on")
    later = Holding.objects.filter(**{what: row}, valid_from__gte=ended_on)
    if later.exists():
        raise RuleViolation(_("那天以后已安排了人，请先撤掉。"), field="ended_on")
    for holding in Holding.objects.select_for_update().filter(**{what: row}, valid_to=None):
        _close(actor, holding, ended_on, _("岗位终止"))
    row.valid_to = ended_on
    row.save(update_fields=["valid_to"])
    record(actor, Act("vanguard.ended", row, row.place_code, {"valid_to": [None, ended_on.isoformat()]}))
    return row


def _locked(actor: Actor, what: str, pk: int) -> Any:
    """A post, an area or a project, its row locked, for who keeps it. Raises NotVisible or NotAllowed."""
    model = HELD[what]
    row = policy_for(model).visible_to(actor).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(model).require(actor, "keep", row)
    return row


@transaction.atomic
def give(
    *, actor: Actor, what: str, pk: int, person_id: int, unit_id: int, valid_from: dt.date, document: str = "",
    valid_to: dt.date | None = None,
) -> Holding:  # fmt: skip
    """Give a post, an area or a project to a person for a period. Whoever held it until then holds it until `valid_from`.

    Raises Refused naming the field; Conflict where somebody else was given it for those days.
    """
    row = _locked(actor, what, pk)
    if not persons_for(actor).filter(pk=person_id, erased_at=None).exists():
        raise NotVisible(_("没有找到这个人。"), field="person")
    if unit_id not in versions_of([unit_id], valid_from) or not Unit.objects.filter(pk=unit_id).exists():
        raise RuleViolation(_("那一天没有这个单位。"), field="unit")
    if valid_to is not None and valid_to <= valid_from:
        raise RuleViolation(_("止的日期须在起之后。"), field="valid_to")
    if valid_from < row.valid_from or (row.valid_to is not None and valid_from >= row.valid_to):
        raise RuleViolation(_("任期须在它的有效期以内。"), field="valid_from")
    before = Holding.objects.select_for_update().filter(in_force(valid_from), **{what: row}).first()
    if before is not None and before.person_id == person_id:
        raise Conflict(_("这个人正担任着，不用再任命。"), field="person")
    if before is not None and before.valid_from < valid_from:
        _close(actor, before, valid_from, _("交接"))
    made = Holding(
        person_id=person_id, place_code=row.place_code, given_by_id=unit_id, valid_from=valid_from,
        valid_to=valid_to or row.valid_to, document=check_text(document, "document", 80), **{what: row},
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as clash:
        raise Conflict(_("这段时间已有别人担任，请刷新后再看。"), field="valid_from") from clash
    record(
        actor,
        Act("vanguard.given", made, row.place_code, {what: [None, row.name]}, person_ref=person_id),
    )
    return made


@transaction.atomic
def end_holding(*, actor: Actor, holding_id: int, ended_on: dt.date, reason: str) -> Holding:
    """Let somebody go from a post, an area or a project, which then is vacant. Raises Refused naming the field."""
    rows = policy_for(Holding).visible_to(actor).select_for_update(of=("self",))
    row: Holding | None = rows.filter(pk=holding_id).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(Holding).require(actor, "keep", row)
    if row.valid_to is not None and row.valid_to <= clock.today():
        raise Conflict(_("已经离岗。"))
    if ended_on <= row.valid_from:
        raise RuleViolation(_("离岗日期须在任职之后。"), field="ended_on")
    return _close(actor, row, ended_on, check_text(reason, "reason", 120, _("请写明离岗的原因。")))


def _close(actor: Actor, row: Holding, day: dt.date, reason: str) -> Holding:
    row.valid_to, row.end_reason = day, reason
    row.save(update_fields=["valid_to", "end_reason"])
    record(
        actor,
        Act(
            "vanguard.let_go", row, row.place_code, {"valid_to": [None, day.isoformat()]}, person_ref=row.person_id,
            words={"end_reason": reason},
        ),
    )  # fmt: skip
    return row


@transaction.atomic
def link_activity(*, actor: Actor, project_id: int, activity_id: int) -> ProjectActivity:
    """Count an activity among a project's. The same again changes nothing. Raises Refused."""
    project = _locked(actor, "project", project_id)
    activity = policy_for(Activity).visible_to(actor).filter(pk=activity_id).first()
    if activity is None or activity.place_code[:6] != project.place_code[:6]:
        raise NotVisible(_("没有找到这个活动。"), field="activity")
    row, is_new = ProjectActivity.objects.get_or_create(
        project=project, activity=activity, defaults={"place_code": project.place_code}
    )
    if is_new:
        changes = {"activity": [None, activity.pk]}
        record(actor, Act("vanguard.linked", project, project.place_code, changes))
    return row


__all__ = [
    "NewKept", "Places", "checked_places", "end_holding", "end_kept", "give", "link_activity", "set_up_area", "set_up_post",
    "set_up_project",
]  # fmt: skip
