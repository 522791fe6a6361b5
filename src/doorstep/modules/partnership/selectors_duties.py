"""Who may be given a part of a project: those concerned first, the community itself, then every other partner."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.selectors import last_names
from doorstep.modules.partnership.keeping_lists import community_unit
from doorstep.modules.partnership.models_lists import Need, Project, Resource, Responsibility
from doorstep.modules.partnership.policies import acting_units
from doorstep.modules.partnership.selectors_lists import partners_of
from doorstep.modules.partnership.states_projects import MANAGE

Takers = list[tuple[str, list[tuple[int, str]]]]


def takers_for_need(need: Need, claimed: Collection[int], offers: Iterable[Resource]) -> Takers:
    """Under headings: who took the need on, who offers what it asks for, the community, the others."""
    place = need.matter.place_code
    offering = {row.unit_id for row in offers if row.resource_class == need.resource_class}
    first = [(_("认领了的单位"), claimed), (_("有这类资源的单位"), offering)]
    return _grouped(place, first, community_unit(place))


def takers_for_project(project: Project) -> Takers:
    """Under headings: the units of the project, the community, the others."""
    units = {project.unit_id, *project.others.values_list("unit_id", flat=True)}
    return _grouped(project.place_code, [(_("项目的单位"), units)], project.matter.holder_id)


def _grouped(place_code: str, first: list[tuple[str, Collection[int]]], community: int | None) -> Takers:
    left = dict(partners_of(place_code))
    groups: Takers = []
    for heading, units in first:
        groups.append((heading, [(unit, left.pop(unit)) for unit in list(left) if unit in units]))
    if community is not None:
        left.pop(community, None)
        groups.append((_("本社区"), [*last_names([community]).items()]))
    groups.append((_("别的共建单位"), [*left.items()]))
    return [group for group in groups if group[1]]


def duties_of(actor: Actor) -> QuerySet[Responsibility, Any]:
    """Shared out and not reported done: of units the actor acts for, and of the community whose projects the actor manages
    in office there; the nearest day first."""
    managing = {grant.unit_id for grant in actor.grants if MANAGE in grant.capabilities}
    own = Q(unit_id__in=acting_units(actor)) | Q(unit_id__in=managing, unit=F("matter__holder"))
    rows = Responsibility.objects.filter(own, matter__state="assigned")
    return rows.select_related("matter").order_by("due_on", "pk")
