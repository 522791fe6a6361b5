"""What the services of the lists share: texts, times, units with an agreement, rows behind their gate."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Project, Responsibility
from doorstep.modules.partnership.numbers_lists import classes_of

MOST_PEOPLE = 100_000


def line(text: str, field: str, longest: int, *, required: bool = False) -> str:
    """One line of text, cleaned. Raises RuleViolation naming the field."""
    return " ".join(checked_text(text, field, longest, required).split())


def check_class(code: str, place_code: str, field: str = "resource_class") -> None:
    if code not in classes_of(place_code):
        raise RuleViolation(_("请从本区的共享资源类别里选一类。"), field=field)


def check_times(weekdays: int, opens: int, closes: int) -> None:
    """Days of a week and two minutes of a day."""
    if not 1 <= weekdays <= 127:
        raise RuleViolation(_("请至少选一个星期几。"), field="weekdays")
    if not 0 <= opens < closes <= 1440:
        raise RuleViolation(_("结束的时间要晚于开始的时间。"), field="closes")


def check_number(value: int, field: str, least: int, most: int, name: str) -> int:
    if type(value) is not int or not least <= value <= most:
        raise RuleViolation(
            _("%(name)s应在 %(least)d 到 %(most)d 之间。") % {"name": name, "least": least, "most": most},
            field=field,
        )
    return value


def check_community(place_code: str) -> str:
    """A standing community or a place in one. Raises RuleViolation."""
    community = place_code[: LENGTHS["community"]]
    known = (
        len(place_code) >= LENGTHS["community"]
        and Area.objects.filter(code=community, ended_on=None).exists()
    )
    if not known:
        raise RuleViolation(_("请选到社区。"), field="place_code")
    return place_code


def agreed_places(unit_id: int, on: dt.date | None = None) -> list[str]:
    """Where a unit has an agreement in force on a day (default today)."""
    return list(Agreement.objects.in_force(on).filter(unit_id=unit_id).values_list("place_code", flat=True))


def check_partner(
    unit_id: int | None, place_code: str, field: str = "unit", on: dt.date | None = None
) -> int:
    """A unit with an agreement in force for the place. Raises RuleViolation where none is named, or it has none."""
    if unit_id is None:
        raise RuleViolation(
            _("请写明责任单位：没有责任单位的不能立项。"),
            field=field,
            clause=_("项目清单：每个项目有一个责任单位"),
        )
    if not rules.covered(place_code, agreed_places(unit_id, on)):
        raise RuleViolation(
            _("这个单位和本社区、本街道没有生效的共建协议。请先登记协议，或另选单位。"), field=field
        )
    return unit_id


def answering_unit(place_code: str) -> int:
    """Who answers for a need or project there. Raises RuleViolation where nobody does."""
    found = community_unit(place_code)
    if found is None:
        raise RuleViolation(_("这个社区没有在册的党组织或居委会，不能登记。"), field="place_code")
    return found


def community_unit(place_code: str) -> int | None:
    """The community's party organisation, else its residents' committee."""
    rows = UnitVersion.objects.in_force().filter(
        kind__in=("community_party_organisation", "residents_committee"),
        place_code=place_code[: LENGTHS["community"]],
    )
    return rows.order_by("kind", "unit_id").values_list("unit_id", flat=True).first()


def locked(actor: Actor, model: Any, pk: int) -> Any:
    """A case of a matter the actor sees, its matter locked first. Raises NotVisible."""
    seen = policy_for(Matter).visible_to(actor).filter(pk=pk).values("pk")
    matter = Matter.objects.select_for_update().filter(pk__in=seen).first()
    row = model.objects.filter(pk=pk).first() if matter is not None else None
    if row is None:
        raise NotVisible(_("没有找到这件事。"))
    row.matter = matter
    return row


def serves(actor: Actor, unit_id: int) -> bool:
    """Is the actor in office in the unit?"""
    return any(grant.unit_id == unit_id for grant in actor.grants)


def takes_part(actor: Actor, project: Project) -> bool:
    """Is the actor in office, in whatever post, in a unit that does something of the project? What the community does itself
    is done by one of its people and seen by another."""
    units = {
        project.unit_id,
        *project.others.values_list("unit_id", flat=True),
        *project.responsibilities.values_list("unit_id", flat=True),
    }
    return any(serves(actor, unit) for unit in units - {project.matter.holder_id})


def why_not_judge(actor: Actor, project: Project) -> str:
    """Why the actor does not confirm this project, "" where nothing stands against it: somebody who took part, or who said for a
    unit that it, or a part of it, was done."""
    if takes_part(actor, project):
        return _("参与这个项目的单位的人不确认自己的项目。")
    if Project.objects.filter(done_by(actor), pk=project.pk).exists():
        return _("您代单位报告过做完，须由另一位同事来确认。")
    return ""


def done_by(actor: Actor) -> Q:
    """Condition on projects: the actor said of it, or of one of its responsibilities, that it was done."""
    steps = History.objects.filter(
        person_id=actor.person_id or 0, name__in=law_of("project").works | law_of("responsibility").works
    )
    parts = Responsibility.objects.filter(project=OuterRef("pk"), matter__in=steps.values("matter"))
    return Q(Exists(steps.filter(matter=OuterRef("pk")))) | Q(Exists(parts))
