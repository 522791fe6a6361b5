"""What units offer: put on the list, changed, taken off. A resource is offered under an agreement, and what is booked stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.refusals import check_day
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.keeping_lists import (
    agreed_places,
    check_class,
    check_number,
    check_times,
    line,
)
from doorstep.modules.partnership.models_lists import PRICES, Booking, Resource, ResourceArea
from doorstep.modules.partnership.places_lists import middle_of

MOST_SEATS = 1000
MOST_AREAS = 20


@dataclass(frozen=True, kw_only=True)
class ResourceData:
    """What a unit offers. `areas`: where it serves; none for all places of the unit's agreements. Without a position it has
    that of its place."""

    unit_id: int
    resource_class: str
    name: str
    about: str = ""
    capacity: int = 1
    weekdays: int = rules.ALL_WEEK
    opens: int = 0
    closes: int = rules.DAY_MINUTES
    price: str = "welfare"
    fen: int | None = None
    price_words: str = ""
    areas: Sequence[str] = ()
    longitude: float | None = None
    latitude: float | None = None
    valid_from: dt.date | None = None


@transaction.atomic
def offer(*, actor: Actor, data: ResourceData) -> Resource:
    """Put a resource on the list; the same name of a unit is there once at a time.

    Raises NotVisible, NotAllowed, RuleViolation naming the field (no agreement in force, no such class, times, price, a place
    outside the agreements), Conflict where the name is taken.
    """
    version = versions_of([data.unit_id]).get(data.unit_id)
    row, areas = offered(actor, data, version, agreed_places(data.unit_id))
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Conflict(_("这个单位的清单里已有同名的资源。"), field="name") from clash
    ResourceArea.objects.bulk_create(ResourceArea(resource=row, code=code) for code in areas)
    changes = {"unit": row.unit_id, "resource_class": [None, row.resource_class], "price": [None, row.price]}
    record(actor, Act("partnership.resource_offered", row, row.place_code, changes))
    return row


def offered(
    actor: Actor, data: ResourceData, version: UnitVersion | None, agreed: Sequence[str]
) -> tuple[Resource, list[str]]:
    """The row of what a unit offers, where the unit stands, and the places that it serves; checked, not saved. Raises as `offer`."""
    day = data.valid_from or clock.today()
    check_day(day, "valid_from")
    if version is None:
        raise NotVisible(_("没有找到这个单位。"))
    row = Resource(unit_id=data.unit_id, place_code=version.place_code, valid_from=day)
    _require_keep(actor, row)
    return row, _checked(row, data, agreed)


def _require_keep(actor: Actor, row: Resource) -> None:
    if not policy_for(Resource).can(actor, "keep", row):
        if actor.stands_near(row.place_code):
            raise NotAllowed(_("资源由提供单位的联络员或社区登记。"))
        raise NotVisible(_("没有找到这个单位。"))


def _checked(row: Resource, data: ResourceData, agreed: Sequence[str]) -> list[str]:
    """Fill the row in; gives its areas."""
    check_class(data.resource_class, row.place_code)
    check_times(data.weekdays, data.opens, data.closes)
    row.resource_class = data.resource_class
    row.name = line(data.name, "name", 60, required=True)
    row.about = line(data.about, "about", 400)
    row.capacity = check_number(data.capacity, "capacity", 1, MOST_SEATS, _("同时可供几处使用"))
    row.weekdays, row.opens, row.closes = data.weekdays, data.opens, data.closes
    if data.price not in dict(PRICES):
        raise RuleViolation(_("请选公益、低偿或市场价。"), field="price")
    match rules.price_fault(data.price, data.fen):
        case "free":
            raise RuleViolation(_("公益的资源不收费。收费的请选低偿或市场价。"), field="fen")
        case "missing":
            raise RuleViolation(_("低偿和市场价的资源请写明价格。"), field="fen")
        case "wrong":
            raise RuleViolation(_("价格应大于零，最多写到分。"), field="fen")
    row.price, row.fen = data.price, data.fen or None
    row.price_words = line(data.price_words, "price_words", 60)
    if not agreed:
        raise RuleViolation(_("单位有生效的共建协议才能提供资源。请先登记协议。"), field="unit")
    areas = sorted(set(data.areas) or set(agreed))
    if not all(rules.covered(code, agreed) for code in areas) or len(areas) > MOST_AREAS:
        raise RuleViolation(_("服务范围须在单位的共建协议以内，最多 %d 处。") % MOST_AREAS, field="areas")
    _set_position(row, data, areas[0])
    return areas


def _set_position(row: Resource, data: ResourceData, area: str) -> None:
    if data.longitude is not None and data.latitude is not None:
        if not (-180 <= data.longitude <= 180 and -90 <= data.latitude <= 90):
            raise RuleViolation(_("经纬度不对。"), field="longitude")
        row.longitude, row.latitude, row.located = data.longitude, data.latitude, True
        return
    if row.located:  # what was told stays where nothing else is
        return
    spot = middle_of(max(row.place_code, area, key=len)) or middle_of(area)
    if spot is None:
        raise RuleViolation(_("请填写经纬度：这个地方还没有楼栋可以参照。"), field="longitude")
    row.longitude, row.latitude = spot


@transaction.atomic
def change_resource(*, actor: Actor, resource_id: int, data: ResourceData, expected_version: int) -> Resource:
    """Change what is said of a resource. What is booked stays as it is: fewer seats than are in use are refused.

    Raises as `offer`, and Conflict where it changed since `expected_version` was read.
    """
    row = held_resource(actor, resource_id)
    if row.lock_version != expected_version:
        raise Conflict(_("别人刚刚改过这项资源，请看过再改。"))
    _require_keep(actor, row)
    if row.valid_to is not None and row.valid_to <= clock.today():
        raise RuleViolation(
            _("这项资源 %(day)s 已经撤下，不能再改；要再提供，请新登记一项。") % {"day": row.valid_to}
        )
    before = {"capacity": row.capacity, "price": row.price, "resource_class": row.resource_class}
    areas = _checked(row, data, agreed_places(row.unit_id))
    coming = Booking.objects.filter(
        resource=row, released_at=None, ends_at__gt=clock.now(), seat__gt=row.capacity
    )
    if coming.exists():
        raise RuleViolation(_("已有项目约好了使用，数量不能改得比约好的少。"), field="capacity")
    row.lock_version += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Conflict(_("这个单位的清单里已有同名的资源。"), field="name") from clash
    ResourceArea.objects.filter(resource=row).exclude(code__in=areas).delete()
    ResourceArea.objects.bulk_create(
        [ResourceArea(resource=row, code=code) for code in areas], ignore_conflicts=True
    )
    changes = {key: [old, getattr(row, key)] for key, old in before.items() if old != getattr(row, key)}
    record(actor, Act("partnership.resource_changed", row, row.place_code, changes))
    return row


@transaction.atomic
def withdraw_resource(*, actor: Actor, resource_id: int, ended_on: dt.date) -> Resource:
    """Take a resource off the list from a day on. Refused while a project is to use it from then on."""
    row = held_resource(actor, resource_id)
    _require_keep(actor, row)
    check_day(ended_on, "ended_on")
    if ended_on <= row.valid_from or (row.valid_to is not None and row.valid_to <= ended_on):
        raise RuleViolation(_("终止日期不对，或者已经终止。"), field="ended_on")
    begins = clock.midnight(ended_on)
    if Booking.objects.filter(resource=row, released_at=None, ends_at__gt=begins).exists():
        raise RuleViolation(_("这一天以后还有项目约好了使用，请先和社区商量改用别的资源。"), field="ended_on")
    row.valid_to = ended_on
    row.lock_version += 1
    row.save(update_fields=["valid_to", "lock_version"])
    changes = {"valid_to": [None, ended_on.isoformat()]}
    record(actor, Act("partnership.resource_withdrawn", row, row.place_code, changes))
    return row


def held_resource(actor: Actor, resource_id: int) -> Resource:
    """The resource, locked, for who sees it. Raises NotVisible."""
    seen = policy_for(Resource).visible_to(actor).filter(pk=resource_id).values("pk")
    row = Resource.objects.select_for_update().filter(pk__in=seen).first()
    if row is None:
        raise NotVisible(_("没有找到这项资源。"))
    return row
