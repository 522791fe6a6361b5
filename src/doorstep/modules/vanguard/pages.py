"""What pages and forms of the vanguard choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.policies import organising_units
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import units_as_of
from doorstep.kernel.people.selectors import named_persons
from doorstep.kernel.places.models import Area, Building, Compound, Grid
from doorstep.kernel.shared.place_codes import ancestors_of, within
from doorstep.modules.vanguard.models import Post
from doorstep.modules.vanguard.selectors import is_held

Choices = list[tuple[str, Any]]
MOST_CHOICES = 2000
# whose people hold posts, answer for areas and lead projects
KEEPING = (
    "district_committee", "department", "street_working_committee", "community_party_organisation", "grid_party_branch",
    "compound_party_branch", "company_party_organisation", "trade_party_committee", "residents_committee", "property_company",
    "company", "social_organisation",
)  # fmt: skip
EMPLOYING = ("department", "company", "property_company", "social_organisation", "district_government")


def areas(where: Sequence[str], levels: Sequence[str] = ("county", "street", "community")) -> Choices:
    """(code, name) of the standing areas of these levels, in the order of their codes."""
    rows = Area.objects.filter(within("code", where), level__in=levels, ended_on=None).exclude(code="")
    return list(rows.order_by("code").values_list("code", "name")[:MOST_CHOICES])


def communities(where: Sequence[str]) -> list[tuple[str, Any]]:
    """Communities in groups by street, as a choice."""
    rows = Area.objects.filter(within("code", where), level="community", ended_on=None)
    groups: dict[str, Choices] = {}
    for row in rows.select_related("parent").order_by("code")[:MOST_CHOICES]:
        groups.setdefault(row.parent.name if row.parent else "", []).append((row.code, row.name))
    return list(groups.items())


def collecting_places(codes: Sequence[str]) -> list[tuple[str, Any]]:
    """Where somebody may take a wish down: the grids of a grid worker, else communities in groups by street."""
    grids = Grid.objects.in_force().filter(code__in=[code for code in codes if len(code) == 15])
    own = [(row.code, row.name) for row in grids.order_by("code")]
    wider = [code for code in codes if len(code) < 15]
    return [*own, *(communities(wider) if wider else [])]


def units_at(actor: Actor, place_code: str) -> Choices:
    """Units of the place and above it that exist for the actor, those nearest first."""
    rows = units_as_of(actor, kinds=KEEPING)
    here = rows.filter(within("place_code", [place_code])) | rows.filter(
        place_code__in=ancestors_of(place_code)
    )
    found = here.distinct().order_by("-place_code", "kind", "unit_id").values_list("unit_id", "name")
    return [(str(unit), name) for unit, name in found[:MOST_CHOICES]]


def own_units(actor: Actor) -> Choices:
    """Units in whose name the actor may call up."""
    rows = UnitVersion.objects.in_force().filter(unit__in=organising_units(actor))
    return [(str(unit), name) for unit, name in rows.order_by("place_code").values_list("unit_id", "name")]


def employers(place_code: str) -> Choices:
    """Units of the district that employ people, by name."""
    rows = UnitVersion.objects.in_force().filter(within("place_code", [place_code[:6]]), kind__in=EMPLOYING)
    found = rows.order_by("kind", "pinyin", "unit_id").values_list("unit_id", "name")
    return [(str(unit), name) for unit, name in found[:MOST_CHOICES]]


def callable_units(actor: Actor, place_code: str) -> Choices:
    """Units within the place that a call-up may call."""
    rows = units_as_of(actor, kinds=KEEPING).filter(within("place_code", [place_code]))
    found = rows.exclude(kind="grid_party_branch").order_by("place_code", "kind", "unit_id")
    return [(str(unit), name) for unit, name in found.values_list("unit_id", "name")[:MOST_CHOICES]]


def callable_posts(place_code: str) -> Choices:
    """Posts within the place that somebody holds."""
    rows = Post.objects.in_force().filter(within("place_code", [place_code]), is_held("post"))
    return [(str(pk), name) for pk, name in rows.order_by("place_code", "pk").values_list("pk", "name")[:300]]


def parts_of(place_code: str) -> list[tuple[str, Any]]:
    """The grids, compounds and buildings of a community, or the communities of a street, as parts of an area."""
    groups: list[tuple[str, Any]] = []
    if len(place_code) < 12:
        groups.append(
            (_("社区"), [(f"code-{code}", name) for code, name in areas([place_code], ("community",))])
        )
        return groups
    grids = Grid.objects.in_force().filter(community_id=place_code).order_by("code")
    groups.append((_("网格"), [(f"code-{row.code}", row.name) for row in grids]))
    compounds = Compound.objects.filter(within("place_code", [place_code])).order_by("place_code", "pk")
    groups.append((_("小区楼院"), [(f"compound-{row.pk}", row.name) for row in compounds]))
    buildings = Building.objects.filter(within("place_code", [place_code])).select_related("compound")
    groups.append(
        (
            _("楼栋"),
            [(f"building-{row.pk}", row.called) for row in buildings.order_by("place_code", "pk")[:400]],
        )
    )
    return [group for group in groups if group[1]]


def found_persons(actor: Actor, text: str) -> Choices:
    """Persons by name, for a choice; with their community, to tell those of one name apart."""
    if not text.strip():
        return []
    rows = list(named_persons(actor, text.strip()).filter(erased_at=None).order_by("pinyin", "pk")[:40])
    names = dict(areas([row.place_code[:12] for row in rows if row.place_code], ("community",)))
    return [(str(row.pk), f"{row.name} · {names.get(row.place_code[:12], '')}") for row in rows]
