"""Keeping the lists: items, routes, faults. What changes is a row from a day on; what held stays on record."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.matters.models import URGENCIES
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.requests import seeds, selectors
from doorstep.modules.requests.models import EVENT_CLASSES, EventItem, RoutingFault, RoutingRule
from doorstep.modules.requests.policies import KEEP_LISTS, KEEP_ROUTES

Kept = Literal["added", "changed", "unchanged"]


@dataclass(frozen=True, kw_only=True)
class NewItem:
    """An item as the list is to have it from `valid_from` on."""

    place_code: str
    code: str
    name: str
    event_class: str
    valid_from: dt.date
    clause: str
    words: tuple[str, ...] = ()
    urgency: str = "normal"
    is_grid_work: bool = True
    elsewhere: str = ""
    confidentiality: str = "internal"


@dataclass(frozen=True, kw_only=True)
class NewRoute:
    """A rule from `valid_from` on: either a unit or a kind of unit; an item or a class or neither."""

    place_code: str
    reason: str
    valid_from: dt.date
    event_class: str = ""
    item: str = ""
    urgency: str = ""
    unit_id: int | None = None
    unit_kind: str = ""


class Standing(RuleViolation):
    """A row for the same case holds on that day, and was not to be replaced: `row`."""

    def __init__(self, row: EventItem | RoutingRule) -> None:
        since = {"row": row, "from": row.valid_from, "to": row.valid_to}
        words = (
            _("已有“%(row)s”，%(from)s 起一直有效。")
            if row.valid_to is None
            else _("已有“%(row)s”，%(from)s 起至 %(to)s 前有效。")
        )
        super().__init__(words % since, field="valid_from")
        self.row = row


@transaction.atomic
def list_item(*, actor: Actor, new: NewItem, replaces: bool = True) -> tuple[EventItem, Kept]:
    """Put an item on a district's list, or change it, from a day on. The same again changes nothing.

    Without `replaces` an item that stands there with this code is left alone: a RuleViolation names it. Raises
    RuleViolation naming the field, NotAllowed or NotVisible for a foreign place.
    """
    require_place(actor, KEEP_LISTS, new.place_code)
    if not new.code or not new.name.strip():
        raise RuleViolation(_("请填写事项的代码和名称。"), field="name")
    if not new.clause.strip():
        raise RuleViolation(_("请写明依据。"), field="clause")
    _check_choice(new.event_class, EVENT_CLASSES, "event_class")
    _check_choice(new.urgency, URGENCIES, "urgency")
    if any(len(word) > 12 for word in new.words):
        raise RuleViolation(_("每个相关词最多 12 个字。"), field="words")
    values = asdict(new) | {"words": list(new.words)}
    key = {"place_code": new.place_code, "code": new.code}
    return _kept_from(actor, EventItem, key, values, "requests.list_item", replaces)


@transaction.atomic
def set_route(*, actor: Actor, new: NewRoute, replaces: bool = True) -> tuple[RoutingRule, Kept]:
    """Set where something goes from a day on; a rule for the same case ends then. The same again changes nothing.

    A street sets rules for its own places, the district for all. Without `replaces` a rule that stands for the same
    case is left alone: a RuleViolation names it. Raises RuleViolation naming the field.
    """
    require_place(actor, KEEP_ROUTES, new.place_code)
    if not new.reason.strip():
        raise RuleViolation(_("请写明为什么派到那里，报告人会看到。"), field="reason")
    if (new.unit_id is None) == (not new.unit_kind):
        raise RuleViolation(_("请选一个单位，或者一种单位类型。"), field="unit")
    if new.item and new.event_class:
        raise RuleViolation(_("按事项派的不再选类别。"), field="event_class")
    if new.event_class:
        _check_choice(new.event_class, EVENT_CLASSES, "event_class")
    if new.urgency:
        _check_choice(new.urgency, URGENCIES, "urgency")
    if new.item:
        selectors.item_named(new.place_code, new.item, new.valid_from)
    if new.unit_kind and new.unit_kind not in UNIT_KINDS:
        raise RuleViolation(_("没有这种单位类型。"), field="unit")
    if new.unit_id and not UnitVersion.objects.in_force(new.valid_from).filter(unit_id=new.unit_id).exists():
        raise RuleViolation(_("这个单位当天不在册。"), field="unit")
    key = {name: getattr(new, name) for name in ("place_code", "event_class", "item", "urgency")}
    return _kept_from(actor, RoutingRule, key, asdict(new), "requests.set_route", replaces)


@transaction.atomic
def first_lists(*, actor: Actor, place_code: str) -> int:
    """Give a district that has no list of its own the first items and routes; gives the number of rows.

    A district that has any is left alone. Raises NotAllowed or NotVisible for a foreign place.
    """
    require_place(actor, KEEP_LISTS, place_code)
    if EventItem.objects.filter(place_code=place_code).exists():
        return 0
    items = EventItem.objects.bulk_create(EventItem(**row) for row in seeds.items(place_code))
    routes = RoutingRule.objects.bulk_create(RoutingRule(**row) for row in seeds.rules(place_code))
    acts = [Act("requests.list_item", row, row.place_code, {"code": row.code}) for row in items]
    acts += [Act("requests.set_route", row, row.place_code, {"unit_kind": row.unit_kind}) for row in routes]
    record_many(actor, acts)
    return len(acts)


def _check_choice(value: str, choices: Any, field: str) -> None:
    if value not in dict(choices):
        raise RuleViolation(_("“%s”不在可选范围内。") % value, field=field)


def _kept_from(
    actor: Actor, model: Any, key: dict[str, Any], values: dict[str, Any], action: str, replaces: bool
) -> tuple[Any, Kept]:
    """The row of that key from `valid_from` on: what held until then is ended, what begins later refuses."""
    day = values["valid_from"]
    rows = model.objects.select_for_update().filter(**key)
    later = rows.filter(valid_from__gt=day).order_by("valid_from").first()
    if later is not None:
        raise RuleViolation(
            _("“%(row)s”已定于 %(from)s 起生效；请先终止那一条，或者选那以后的日期。")
            % {"row": later, "from": later.valid_from}, field="valid_from",
        )  # fmt: skip
    known = rows.in_force(day).first()
    own = {name: value for name, value in values.items() if name != "valid_from"}
    if known is not None and all(getattr(known, name) == value for name, value in own.items()):
        return known, "unchanged"
    if known is not None and not replaces:
        raise Standing(known)
    if known is not None and known.valid_from == day:
        for name, value in own.items():
            setattr(known, name, value)
        known.save()
        row = known
    else:
        if known is not None:
            model.objects.filter(pk=known.pk).update(valid_to=day)
        row = _created(model, values)
    changes = {"valid_from": day.isoformat(), **{name: str(value) for name, value in key.items() if value}}
    record(actor, Act(action, row, row.place_code, changes))
    return row, "changed" if known is not None else "added"


def _created(model: Any, values: dict[str, Any]) -> Any:
    """Two at once: the second is told of the first."""
    try:
        with transaction.atomic():
            return model.objects.create(**values)
    except IntegrityError:
        raise RuleViolation(_("刚刚有人登记了同一条，请回列表再看。"), field="valid_from") from None


@transaction.atomic
def end_item(*, actor: Actor, item_id: int, ended_on: dt.date) -> EventItem:
    """Take an item off the list: `ended_on` is the first day it is not on it."""
    return _end(actor, EventItem, item_id, ended_on, "requests.end_item")


@transaction.atomic
def end_route(*, actor: Actor, rule_id: int, ended_on: dt.date) -> RoutingRule:
    """End a rule: `ended_on` is the first day it does not hold."""
    return _end(actor, RoutingRule, rule_id, ended_on, "requests.end_route")


def _end(actor: Actor, model: Any, pk: int, ended_on: dt.date, action: str) -> Any:
    row = model.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(model).require(actor, "keep", row)
    if ended_on <= row.valid_from or (row.valid_to is not None and row.valid_to <= ended_on):
        raise RuleViolation(_("终止日期不对，或者已经终止。"), field="ended_on")
    row.valid_to = ended_on
    row.save(update_fields=["valid_to"])
    record(actor, Act(action, row, row.place_code, {"valid_to": [None, ended_on.isoformat()]}))
    return row


@transaction.atomic
def settle_fault(*, actor: Actor, fault_id: int) -> RoutingFault:
    """Say that a fault is settled. Raises RuleViolation while the same report would still find no unit."""
    row = RoutingFault.objects.select_for_update().filter(pk=fault_id).first()
    if row is None or not policy_for(RoutingFault).can(actor, "view", row):
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(RoutingFault).require(actor, "settle", row)
    if row.settled_at is not None:
        return row
    item = selectors.items_at(row.place_code).filter(code=row.item).first() if row.item else None
    if selectors.route_for(row.place_code, item, row.urgency).fault:
        raise RuleViolation(_("现在同样的诉求还是派不出去，请先补上派办规则。"))
    row.settled_at, row.settled_by_id = clock.now(), actor.person_id
    row.save(update_fields=["settled_at", "settled_by"])
    record(actor, Act("requests.settle_fault", row, row.place_code))
    return row
