"""Dated lists: kinds of service with their rates, brands, professional forces; one row or hundreds by the same few
statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.activities.checks import check_text
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.organisations.refusals import check_day
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.volunteering.models import SKILLS, Brand, Force, ServiceKind
from doorstep.modules.volunteering.policies import KEEP, SET_RATES

Kept = Literal["added", "changed", "unchanged"]
HIGHEST_RATE = 100


@dataclass(frozen=True)
class Entry:
    """A row as it is to be from `valid_from` on. `key` names it among those in force."""

    key: dict[str, Any]
    values: dict[str, Any]
    valid_from: dt.date


def _keep(actor: Actor, model: Any, entries: Sequence[Entry], action: str, capability: str) -> list[tuple[Any, Kept]]:  # fmt: skip
    """What held until then ends; the same again changes nothing. Raises Refused."""
    places = {entry.key["place_code"] for entry in entries}
    for place in places:
        require_place(actor, capability, place)
    _check_places(places)
    known: dict[tuple[Any, ...], list[Any]] = {}
    names = list(entries[0].key) if entries else []
    rows = model.objects.select_for_update(of=("self",)).filter(place_code__in=places)
    for row in rows.order_by("valid_from"):
        known.setdefault(tuple(getattr(row, name) for name in names), []).append(row)
    found: list[tuple[Any, Kept]] = []
    written: list[Any] = []
    for entry in entries:
        check_day(entry.valid_from, "valid_from")
        found.append(_decide(model, entry, known.setdefault(tuple(entry.key.values()), []), written))
    new = [row for row in written if row.pk is None]
    try:
        with transaction.atomic():
            for row in written:
                if row.pk is not None:
                    row.save()
            model.objects.bulk_create(new)
    except IntegrityError as clash:
        raise Conflict(_("别人刚刚登记了同样的内容，请刷新后再看。")) from clash
    acts = [
        Act(action, row, row.place_code, {"valid_from": [None, row.valid_from.isoformat()]})
        for row, outcome in found
        if outcome != "unchanged"
    ]
    record_many(actor, acts)
    return found


def _decide(model: Any, entry: Entry, rows: list[Any], written: list[Any]) -> tuple[Any, Kept]:
    if any(row.valid_from > entry.valid_from for row in rows):
        raise RuleViolation(_("这一条以后的日期已有登记，请先处理那一条。"), field="valid_from")
    standing = next((row for row in rows if row.holds_on(entry.valid_from)), None)
    if standing is not None:
        if all(getattr(standing, name) == value for name, value in entry.values.items()):
            return standing, "unchanged"
        if standing.valid_from == entry.valid_from:
            for name, value in entry.values.items():
                setattr(standing, name, value)
            if standing not in written:
                written.append(standing)
            return standing, "changed"
        standing.valid_to = entry.valid_from
        written.append(standing)
    row = model(**entry.key, **entry.values, valid_from=entry.valid_from)
    rows.append(row)
    written.append(row)
    return row, "added" if standing is None else "changed"


def _check_places(codes: set[str]) -> None:
    known = set(Area.objects.filter(code__in=codes, ended_on=None).values_list("code", flat=True))
    for code in codes - known:
        raise RuleViolation(_("没有代码为 %(code)s 的地方。") % {"code": code[:15]}, field="place_code")


@dataclass(frozen=True, kw_only=True)
class NewKind:
    place_code: str
    code: str
    name: str
    points_per_hour: int
    clause: str
    valid_from: dt.date
    risky: bool = False


@transaction.atomic
def keep_kinds(*, actor: Actor, kinds: Sequence[NewKind]) -> list[tuple[ServiceKind, Kept]]:
    """Kinds of service and their rates from a day on. A rate counts for sessions from its day; never for what was before:
    so the day is not earlier than today, but for the platform."""
    entries = []
    for new in kinds:
        if not new.code.replace("_", "").replace("-", "").isalnum() or not new.code.isascii():
            raise RuleViolation(_("代码用英文字母、数字和下划线。"), field="code")
        if not 0 <= new.points_per_hour <= HIGHEST_RATE:
            raise RuleViolation(_("每小时积分在 0 到 %d 之间。") % HIGHEST_RATE, field="points_per_hour")
        values = {
            "name": check_text(new.name, "name", 40, _("请填类别名称。")), "points_per_hour": new.points_per_hour,
            "risky": new.risky, "clause": check_text(new.clause, "clause", 200, _("请填依据。")),
        }  # fmt: skip
        entries.append(Entry({"place_code": new.place_code, "code": new.code}, values, new.valid_from))
    kept = _keep(actor, ServiceKind, entries, "volunteering.keep_kind", SET_RATES)
    for (_row, outcome), new in zip(kept, kinds, strict=True):
        if outcome != "unchanged" and new.valid_from < clock.today() and not actor.is_system:
            raise RuleViolation(_("标准从今天或以后的日期起用，不改以前的记录。"), field="valid_from")
    return kept


@dataclass(frozen=True, kw_only=True)
class NewBrand:
    place_code: str
    name: str
    valid_from: dt.date
    story: str = ""


@transaction.atomic
def keep_brands(*, actor: Actor, brands: Sequence[NewBrand]) -> list[tuple[Brand, Kept]]:
    entries = [
        Entry(
            {"place_code": new.place_code, "name": check_text(new.name, "name", 40, _("请填品牌名称。"))},
            {"story": check_text(new.story, "story", 400)}, new.valid_from,
        )
        for new in brands
    ]  # fmt: skip
    return _keep(actor, Brand, entries, "volunteering.keep_brand", KEEP)


@dataclass(frozen=True, kw_only=True)
class NewForce:
    place_code: str
    federation_id: int
    name: str
    field: str
    valid_from: dt.date
    unit_name: str = ""
    phone: str = ""


@transaction.atomic
def keep_forces(*, actor: Actor, forces: Sequence[NewForce]) -> list[tuple[Force, Kept]]:
    """Professional forces of a federation."""
    federations = versions_of({new.federation_id for new in forces})
    entries = []
    for new in forces:
        version = federations.get(new.federation_id)
        if version is None or version.kind != "volunteer_federation":
            raise RuleViolation(_("请选志愿服务联合会。"), field="federation")
        if new.field not in dict(SKILLS):
            raise RuleViolation(_("请选专业。"), field="field")
        values = {
            "federation_id": new.federation_id, "field": new.field, "unit_name": check_text(new.unit_name, "unit_name", 80),
            "phone": check_text(new.phone, "phone", 40),
        }  # fmt: skip
        name = check_text(new.name, "name", 80, _("请填名称。"))
        entries.append(Entry({"place_code": new.place_code, "name": name}, values, new.valid_from))
    return _keep(actor, Force, entries, "volunteering.keep_force", KEEP)


ENDED = {ServiceKind: "volunteering.end_kind", Brand: "volunteering.end_brand", Force: "volunteering.end_force"}  # fmt: skip


@transaction.atomic
def end_row(*, actor: Actor, model: Any, pk: int, ended_on: dt.date) -> Any:
    """End a kind, brand or force: `ended_on` is the first day it does not hold. A kind ends today at the earliest."""
    row = policy_for(model).visible_to(actor).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(model).require(actor, "keep", row)
    check_day(ended_on, "ended_on")
    if ended_on <= row.valid_from or (row.valid_to is not None and row.valid_to <= ended_on):
        raise RuleViolation(_("终止日期不对，或者已经终止。"), field="ended_on")
    if model is ServiceKind and ended_on < clock.today():
        raise RuleViolation(_("服务类别从今天或以后的日期起停用，不改以前的记录。"), field="ended_on")
    row.valid_to = ended_on
    row.save(update_fields=["valid_to"])
    record(actor, Act(ENDED[model], row, row.place_code, {"valid_to": [None, ended_on.isoformat()]}))
    return row


def brand_named(name: str, place_code: str) -> Brand | None:
    """The brand of that name in force in the place's district."""
    rows = Brand.objects.filter(in_force(), name=name.strip(), place_code__startswith=place_code[:6])
    return rows.order_by("pk").first()
