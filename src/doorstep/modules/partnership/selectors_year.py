"""A unit's year as facts: what it offered, did, for how many, what was confirmed, how people rated it. No rank, no comparison."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Claim, Project, Rating, Resource, Responsibility
from doorstep.modules.partnership.numbers_lists import LEAST, class_names, list_number
from doorstep.modules.partnership.policies import VIEW, acting_units
from doorstep.modules.partnership.selectors_lists import place_names
from doorstep.modules.partnership.wording_lists import price_words

MOST_LINES = 200


@dataclass(frozen=True)
class Year:
    """`grades`: grade → how many, None where fewer rated than may be shown; `rated`: how many did, where that may be shown."""

    unit_id: int
    unit: str
    year: int
    since: dt.date
    until: dt.date
    agreements: list[Agreement]
    resources: list[tuple[Resource, str, str]]
    claims: int
    projects: list[tuple[Project, str]]
    taking_part: int
    delivered: int
    confirmed: int
    served: int
    duties: int
    kept: int
    rated: int
    grades: dict[int, int] | None
    least: int

    @property
    def graded(self) -> list[tuple[int, int]]:
        """(grade, how many), the best first; nothing where it may not be shown."""
        return sorted((self.grades or {}).items(), reverse=True)


def year_of(actor: Actor, unit_id: int, year: int) -> Year:
    """Raises NotVisible for who neither acts for the unit nor serves where it has agreements. What took place elsewhere is not
    counted for whoever serves in one place: they read what they see."""
    own = unit_id in acting_units(actor)
    if not own and not policy_for(Agreement).visible_to(actor).filter(unit_id=unit_id).exists():
        raise NotVisible(_("没有找到这个单位。"))
    since, until = rules.year_bounds(year)
    where = Q() if own else within("place_code", actor.places_for(VIEW))
    of_need = Q() if own else within("need__matter__place_code", actor.places_for(VIEW))
    of_matter = Q() if own else within("matter__place_code", actor.places_for(VIEW))
    done = Project.objects.filter(where, unit_id=unit_id, delivered_on__range=(since, until), stopped_on=None)
    confirmed = Project.objects.filter(where, unit_id=unit_id, confirmed_on__range=(since, until))
    duties = Responsibility.objects.filter(of_matter, unit_id=unit_id, due_on__range=(since, until)).exclude(
        matter__state="dropped"
    )
    ratings = Rating.objects.filter(project__in=confirmed.values("pk"))
    least = list_number(LEAST)
    counted = list(ratings.order_by().values_list("grade").annotate(Count("pk")))
    begins, ends = (
        dt.datetime.combine(day, dt.time(), clock.DISTRICT_ZONE) for day in (since, until + rules.DAY)
    )
    resources = Resource.objects.filter(unit_id=unit_id, valid_from__lte=until).filter(
        Q(valid_to=None) | Q(valid_to__gt=since)
    )
    kinds = class_names()
    rows = list(confirmed.select_related("matter").order_by("confirmed_on", "pk")[:MOST_LINES])
    names = place_names(row.place_code for row in rows)
    agreements = Agreement.objects.filter(where, unit_id=unit_id, valid_from__lte=until, valid_to__gt=since)
    return Year(
        unit_id=unit_id, unit=last_names([unit_id]).get(unit_id, ""), year=year, since=since, until=until,
        agreements=list(agreements.order_by("valid_from", "pk")),
        resources=[(row, kinds.get(row.resource_class, ""), price_words(row)) for row in resources.order_by("pk")[:MOST_LINES]],
        claims=Claim.objects.filter(of_need, unit_id=unit_id, at__gte=begins, at__lt=ends).count(),
        projects=[(row, names.get(row.place_code[:12], "")) for row in rows],
        taking_part=Project.objects.filter(where, others__unit_id=unit_id, confirmed_on__range=(since, until)).count(),
        delivered=done.count(), confirmed=confirmed.count(),
        served=confirmed.aggregate(total=Sum("served"))["total"] or 0,
        duties=duties.count(), kept=duties.filter(kept_on__isnull=False).count(),
        rated=sum(number for _grade, number in counted), grades=rules.distribution(counted, least), least=least,
    )  # fmt: skip


def years_until_now() -> list[int]:
    this = clock.today().year
    return [this, this - 1, this - 2]


def asked_year(text: str) -> int:
    """The year asked for, where it is one of the last; else this one."""
    return next((year for year in years_until_now() if str(year) == text), years_until_now()[0])


def paper_data(shown: Year) -> dict[str, Any]:
    """The same for paper."""
    grades = shown.grades
    issuer = (
        UnitVersion.objects.in_force()
        .filter(kind="district_committee")
        .values_list("name", flat=True)
        .first()
    )
    return {
        "title": _("共建情况年度反馈"), "office": issuer or "", "number": str(shown.year),
        "note": _("这是事实的汇总，不排名，不与别的单位比较。"),
        "rows": [
            [_("单位"), shown.unit], [_("期间"), f"{shown.since} – {shown.until}"],
            [_("共建协议"), _("、").join(row.document for row in shown.agreements) or _("没有")],
            [_("提供的资源"), _("、").join(f"{row.name}（{kind}，{price}）" for row, kind, price in shown.resources) or _("没有")],
            [_("认领的需求"), _("%d 件") % shown.claims],
            [_("负责的项目"), _("做完 %(done)d 个，社区确认 %(confirmed)d 个") % {"done": shown.delivered, "confirmed": shown.confirmed}],
            [_("参与的项目"), _("%d 个") % shown.taking_part], [_("惠及"), _("%d 人次") % shown.served],
            [_("承担的责任"), _("%(all)d 项，已确认 %(kept)d 项") % {"all": shown.duties, "kept": shown.kept}],
            [_("受益人评价"), _grades_in_words(shown, grades)],
        ],
        "columns": [_("确认日期"), _("社区"), _("共建项目"), _("惠及人数")],
        "lines": [
            [f"{row.confirmed_on}", place, row.matter.title, str(row.served or 0)] for row, place in shown.projects
        ],
        "empty": _("这一年还没有社区确认的项目。"),
    }  # fmt: skip


def _grades_in_words(shown: Year, grades: dict[int, int] | None) -> str:
    if grades is None:
        return _("不足 %d 份，不公布分布") % shown.least
    parts = [
        _("%(grade)d 分 %(number)d 份") % {"grade": grade, "number": number} for grade, number in shown.graded
    ]
    return _("共 %d 份：") % shown.rated + _("，").join(parts)
