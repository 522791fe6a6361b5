"""Organisations registered, corrected and counted. Who covers them: services_covering. Gaps: services_gaps. Visits: services_visits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations import refusals
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.organisations.services import change_office, found_unit, rename_unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.coverage import rules, siting
from doorstep.modules.coverage.keeping import locked_row
from doorstep.modules.coverage.models import TRADES, Covering, HeadCount, Profile
from doorstep.modules.coverage.policies import KEEP
from doorstep.modules.coverage.selectors import KINDS
from doorstep.modules.coverage.services_gaps import gap_follows, settle

MOST_PEOPLE = 100_000


@dataclass(frozen=True, kw_only=True)
class NewOrganisation:
    """As the business register has it. A position is WGS-84; without one the address must be a building on record."""

    kind: str
    name: str
    credit_code: str
    trade: str
    address: str
    founded_on: dt.date
    longitude: float | None = None
    latitude: float | None = None
    place_code: str = ""  # the community, where the source says it; the position must agree


@transaction.atomic
def register_organisation(*, actor: Actor, new: NewOrganisation) -> Profile:
    """Register an organisation of the district, once for its credit code. A unit known by its code already gets its profile.

    Raises RuleViolation naming the field (a code whose check digit is wrong, a position outside the district), Conflict for a code
    on record, NotVisible for a place that is not the actor's.
    """
    if new.kind not in KINDS:
        raise RuleViolation(_("请选企业、社会组织或物业企业。"), field="kind")
    code = refusals.check_credit_code(new.credit_code)
    if not code:
        raise RuleViolation(_("请填写统一社会信用代码。"), field="credit_code")
    row = Profile(credit_code=code, trade=_trade(new.trade))
    _put(row, siting.site_of(new.address, new.longitude, new.latitude, new.place_code))
    require_place(actor, KEEP, row.place_code)
    if Profile.objects.filter(credit_code=code).exists():
        raise Conflict(_("统一社会信用代码 %(code)s 已经登记。") % {"code": code}, field="credit_code")
    row.unit = _unit(actor, new, code, row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:  # the same code came in at the same moment
        raise Conflict(
            _("统一社会信用代码 %(code)s 已经登记。") % {"code": code}, field="credit_code"
        ) from clash
    changes = {"credit_code": [None, code], "trade": [None, row.trade], "place_code": [None, row.place_code]}
    record(actor, Act("coverage.registered", row, row.place_code, changes))
    return row


def _unit(actor: Actor, new: NewOrganisation, code: str, row: Profile) -> Unit:
    """The unit of that code and kind that is on record without a profile, where it stands around the place; else a new one."""
    known = (
        UnitVersion.objects.in_force()
        .filter(unit__credit_code=code, kind=new.kind)
        .select_related("unit")
        .first()
    )
    if known is not None:
        unit: Unit = known.unit
        if not contains(known.place_code, row.place_code) or not policy_for(Unit).can(actor, "view", unit):
            raise RuleViolation(
                _(
                    "统一社会信用代码 %(code)s 的单位登记在别处。如果搬来了，请先在单位页面办理“调整隶属或地方”。"
                )
                % {"code": code},
                field="credit_code",
            )
        return unit
    if new.founded_on > clock.today():
        raise RuleViolation(_("成立日期不能晚于今天。"), field="founded_on")
    return found_unit(
        actor=actor, kind=new.kind, name=new.name, place_code=row.place_code, founded_on=new.founded_on, credit_code=code,
        address=row.address,
    )  # fmt: skip


def _trade(trade: str) -> str:
    if trade not in dict(TRADES):
        raise RuleViolation(_("请选行业。"), field="trade")
    return trade


def _put(row: Profile, site: siting.Site) -> None:
    row.place_code, row.address = site.place_code, site.address
    row.longitude, row.latitude = site.longitude, site.latitude


@transaction.atomic
def correct_organisation(
    *, actor: Actor, organisation_id: int, name: str, trade: str, address: str, longitude: float | None = None,
    latitude: float | None = None, expected_version: int | None = None,
) -> bool:  # fmt: skip
    """Bring name, trade, address and position up to date from today on; gives whether anything changed. In the community where its
    unit stands: an organisation that moved to another one is moved on its unit's page first, and takes what holds of it and its gap
    along. Raises Conflict, RuleViolation."""
    row: Profile = locked_row(actor, Profile, organisation_id, "keep", ("unit",))
    if expected_version is not None and expected_version != row.lock_version:
        raise Conflict(_("别人刚刚改过这个组织，请刷新后再看。"))
    today, version = clock.today(), _version(row)
    before = {
        name: getattr(row, name) for name in ("trade", "address", "longitude", "latitude", "place_code")
    }
    row.trade = _trade(trade)
    if address.strip() != row.address or (
        longitude is not None and (longitude, latitude) != (row.longitude, row.latitude)
    ):
        site = siting.site_of(address, longitude, latitude, "", near=row)
        if site.place_code != version.place_code[:12]:
            raise RuleViolation(
                _("这个位置在另一个社区。请先在单位页面办理“调整隶属或地方”，再改地址。"), field="address"
            )
        _put(row, site)
    if name.strip() != version.name:
        rename_unit(actor=actor, unit_id=row.unit_id, name=name, effective_on=today)
    if row.address != version.address:
        change_office(actor=actor, unit_id=row.unit_id, effective_on=today, address=row.address)
    changes = {key: [value, getattr(row, key)] for key, value in before.items() if value != getattr(row, key)}
    if changes:
        row.lock_version += 1
        row.save(update_fields=[*before, "lock_version"])
        if "place_code" in changes:
            _take_along(row)
        record(actor, Act("coverage.corrected", row, row.place_code, changes))
    return bool(changes) or name.strip() != version.name


def _take_along(row: Profile) -> None:
    """What holds of an organisation today or later, and its gap, stand where it stands now; what ended stays where it was."""
    for model in (HeadCount, Covering):
        rows = model.objects.filter(Q(valid_to=None) | Q(valid_to__gt=clock.today()), organisation=row)
        rows.update(place_code=row.place_code)
    gap_follows(row)


def _version(row: Profile) -> UnitVersion:
    version: UnitVersion | None = UnitVersion.objects.in_force().filter(unit_id=row.unit_id).first()
    if version is None:
        raise RuleViolation(_("这个组织已经终止。"))
    return version


@transaction.atomic
def record_count(
    *, actor: Actor, organisation_id: int, counted_on: dt.date, staff: int, full: int, probationary: int = 0
) -> HeadCount:
    """How many work there and how many of them are members, as of a day, until the next count. The last day's is put right by
    counting that day again; an earlier one stands.

    Raises RuleViolation naming the field: a day to come, or before a count on record; more members than people.
    """
    row: Profile = locked_row(actor, Profile, organisation_id, "count", ("unit",))
    counted = checked_count(row.unit, counted_on, staff, full, probationary)
    last = HeadCount.objects.filter(organisation=row).order_by("-valid_from").first()
    if last is not None and counted_on < last.valid_from:
        raise RuleViolation(
            _("已有 %(day)s 的人数，不能再登记更早的。请核对统计日期。") % {"day": last.valid_from},
            field="counted_on",
        )
    if last is not None and all(getattr(last, key) == value for key, value in counted.items()):
        return last
    before = {key: getattr(last, key) if last else None for key in counted}
    if last is not None and last.valid_from == counted_on:
        made = last
        for key, value in counted.items():
            setattr(made, key, value)
        made.save(update_fields=list(counted))
    else:
        if last is not None:
            last.valid_to = counted_on
            last.save(update_fields=["valid_to"])
        made = HeadCount.objects.create(
            organisation=row, place_code=row.place_code, valid_from=counted_on, **counted
        )
    changes = {key: [before[key], value] for key, value in counted.items()}
    record(
        actor, Act("coverage.counted", row, row.place_code, changes | {"counted_on": counted_on.isoformat()})
    )
    settle([row.pk])
    return made


def checked_count(
    unit: Unit, counted_on: dt.date, staff: int, full: int, probationary: int
) -> dict[str, int]:
    """The numbers, checked. Raises RuleViolation naming the field."""
    if counted_on > clock.today():
        raise RuleViolation(_("统计日期不能晚于今天。"), field="counted_on")
    if counted_on < unit.founded_on:
        raise RuleViolation(
            _("这个组织 %(day)s 才成立，统计日期不能更早。") % {"day": unit.founded_on}, field="counted_on"
        )
    match rules.count_fault(staff, full, probationary, MOST_PEOPLE):
        case "staff":
            raise RuleViolation(_("职工人数应在 0 到 %(most)d 之间。") % {"most": MOST_PEOPLE}, field="staff")
        case "full":
            raise RuleViolation(_("党员人数不能小于 0。"), field="full")
        case "members":
            raise RuleViolation(_("党员人数不能多于职工人数，请核对。"), field="full")
    return {"staff": staff, "full": full, "probationary": probationary}
