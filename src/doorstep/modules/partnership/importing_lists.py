"""One row of an office's sheet becomes a resource on the list, by the same service as a form."""

from __future__ import annotations

import re
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.keeping_lists import agreed_places
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Resource
from doorstep.modules.partnership.numbers_lists import class_names
from doorstep.modules.partnership.policies import KEEP
from doorstep.modules.partnership.services_resources import ResourceData, change_resource, offer

COLUMNS = {"fen": "yuan", "areas": "unit", "longitude": "unit"}  # services' names of ours
_TIME = re.compile(r"(\d{1,2})[:：点时.]?(\d{0,2})分?")
_DAYS = {name: number for number, name in enumerate("一二三四五六日")} | {"天": 6}
_EVERY = {"", "每天", "天天"}
_WORKDAYS, _WEEKEND = {"工作日", "周一至周五"}, {"周末", "双休日"}


def minute_of(text: str) -> int:
    """ "9:00", "9点30" or "24:00" as a minute of the day. Raises ValueError with the user's words."""
    match = _TIME.fullmatch(text.strip())
    minute = int(match[1]) * 60 + int(match[2] or 0) if match else -1
    if match is None or not 0 <= minute <= rules.DAY_MINUTES or int(match[2] or 0) > 59:
        raise ValueError(_("时间应写成 9:00 或 18:30。"))
    return minute


def weekdays_in(text: str) -> int:
    """ "每天", "工作日", "周末" or "一、三、五" as bits. Raises ValueError with the user's words."""
    text = text.strip()
    if text in _EVERY:
        return rules.ALL_WEEK
    if text in _WORKDAYS:
        return rules.mask_of(range(5))
    if text in _WEEKEND:
        return rules.mask_of((5, 6))
    days = [_DAYS.get(letter) for letter in re.sub(r"[、，,/ ]|星期|周", "", text)]
    if not days or None in days:
        raise ValueError(_("星期应写成 每天、工作日、周末，或者 一、三、五。"))
    return rules.mask_of(day for day in days if day is not None)


def class_in(text: str) -> str:
    """A class by its code or name. Raises ValueError with the user's words."""
    names = class_names()
    found = next((code for code, name in names.items() if text.strip() in (code, name)), None)
    if found is None:
        raise ValueError(_("类别应是：%s。") % _("、").join(names.values()))
    return found


@transaction.atomic
def import_resource(actor: Actor, row: ImportRow) -> Outcome:
    """Found by unit and name; the same again is "unchanged"."""
    unit_id = _unit(actor, str(row["unit"]))
    price = row["price"] or "welfare"
    data = ResourceData(
        unit_id=unit_id, resource_class=row["resource_class"], name=row["name"], about=row["about"] or "",
        capacity=row["capacity"] or 1, weekdays=rules.ALL_WEEK if row["weekdays"] is None else row["weekdays"],
        opens=row["opens"] or 0, closes=rules.DAY_MINUTES if row["closes"] is None else row["closes"], price=price,
        fen=_fen(row["yuan"]), price_words=row["price_words"] or "", areas=sorted(agreed_places(unit_id)),
    )  # fmt: skip
    known = Resource.objects.in_force().filter(unit_id=unit_id, name=data.name.strip()).first()
    try:
        if known is None:
            offer(actor=actor, data=data)
            return "added"
        if _same(known, data):
            return "unchanged"
        change_resource(actor=actor, resource_id=known.pk, data=data, expected_version=known.lock_version)
    except Refused as refusal:
        field = COLUMNS.get(refusal.field, refusal.field)
        raise type(refusal)(refusal.message, field=field, clause=refusal.clause) from refusal
    return "changed"


def _unit(actor: Actor, name: str) -> int:
    """A unit with an agreement where the actor keeps them, by its exact name."""
    partners = (
        Agreement.objects.in_force().filter(within("place_code", actor.places_for(KEEP))).values("unit_id")
    )
    rows = UnitVersion.objects.in_force().filter(unit_id__in=partners, name=name.strip())
    found = list(rows.values_list("unit_id", flat=True)[:2])
    if len(found) != 1:
        raise RuleViolation(
            _("没有叫这个名字的共建单位，或者不止一个。请先登记协议，名称要和单位台账一致。"), field="unit"
        )
    return int(found[0])


def _fen(yuan: Decimal | None) -> int | None:
    if yuan is None or not yuan:
        return None
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise RuleViolation(_("价格最多写到分。"), field="yuan")
    return int(fen)


def _same(row: Resource, data: ResourceData) -> bool:
    names = (
        "resource_class",
        "capacity",
        "weekdays",
        "opens",
        "closes",
        "price",
        "fen",
        "price_words",
        "about",
    )
    same_areas = set(row.areas.values_list("code", flat=True)) == set(data.areas)
    return same_areas and all(getattr(row, name) == getattr(data, name) for name in names)
