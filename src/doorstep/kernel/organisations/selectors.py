"""Reading units, their superiors, their history and who holds which post, as of any date.

Lists start from what the actor may see. `chain_up`, `holders_of` and `versions_of` answer for units the caller has
already reached through a gate, or that are public (the chain from a door): they take ids and no actor.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.organisations.kept_posts import is_kept
from doorstep.kernel.organisations.kinds import POSTS, SUPERIOR_KINDS
from doorstep.kernel.organisations.models import Appointment, Unit, UnitLineage, UnitVersion
from doorstep.kernel.organisations.policies import adjust_capability, appoint_capability
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.names import matches
from doorstep.kernel.shared.place_codes import ancestors_of, within

LONGEST_CHAIN = 20  # steps up; the services keep rings out, this keeps a damaged record from looping


def units_as_of(
    actor: Actor, *, place_code: str = "", on: dt.date | None = None, kinds: Iterable[str] = ()
) -> QuerySet[UnitVersion]:
    """Versions in force on the day, in the subtree of the place, that exist for the actor."""
    rows = policy_for(UnitVersion).visible_to(actor).filter(in_force(on), within("place_code", [place_code]))
    wanted = list(kinds)
    return rows.filter(kind__in=wanted) if wanted else rows


def visible_unit(actor: Actor, unit_id: int) -> Unit:
    """The unit. Raises NotVisible where it does not exist for the actor."""
    unit: Unit | None = policy_for(Unit).visible_to(actor).filter(pk=unit_id).first()
    if unit is None:
        raise NotVisible(_("没有找到这个单位。"))
    return unit


def versions_of(unit_ids: Iterable[int], on: dt.date | None = None) -> dict[int, UnitVersion]:
    """The version in force on the day of each unit that exists on it. One query."""
    rows = UnitVersion.objects.filter(in_force(on), unit_id__in=set(unit_ids)).select_related("unit")
    return {row.unit_id: row for row in rows}


@dataclass(frozen=True)
class Holder:
    """Somebody in a post on a day, with whoever stands in for them on it."""

    appointment: Appointment
    substitutes: tuple[Appointment, ...]

    @property
    def post(self) -> str:
        return self.appointment.post

    @property
    def name(self) -> str:
        return self.appointment.person.name

    @property
    def acting(self) -> Appointment:
        """Who answers on that day: the substitute while there is one."""
        return self.substitutes[0] if self.substitutes else self.appointment


def holders_of(
    unit_ids: Iterable[int], on: dt.date | None = None, posts: Collection[str] = ()
) -> dict[int, list[Holder]]:
    """Post-holders of many units on a day, by unit, in order of appointment. One query."""
    rows = Appointment.objects.filter(in_force(on), unit_id__in=set(unit_ids)).select_related("person")
    if posts:
        rows = rows.filter(post__in=posts)
    return _with_substitutes(rows.order_by("unit_id", "post", "valid_from", "id"))


def holders_at(
    place_code: str, post: str, on: dt.date | None = None, *, upwards: bool = False
) -> list[Holder]:
    """Who answers for a place in this post on a day, by the appointments' own places; with `upwards`, of a wider
    place too (a grid's worker is found from the grid, and from a building in it). Two queries at most."""
    codes = Q(places__code=place_code)
    if upwards:
        codes = Q(places__code__in=[place_code[:length] for length in range(1, len(place_code) + 1)])
    own = Q(places__isnull=True, place_code=place_code)
    rows = (
        Appointment.objects.filter(in_force(on), codes | own, post=post).select_related("person").distinct()
    )
    return [
        holder for held in _with_substitutes(rows.order_by("valid_from", "id")).values() for holder in held
    ]


def _with_substitutes(rows: Iterable[Appointment]) -> dict[int, list[Holder]]:
    kept = list(rows)
    standing_in: dict[int, list[Appointment]] = defaultdict(list)
    for row in kept:
        if row.substitute_for_id is not None:
            standing_in[row.substitute_for_id].append(row)
    found: dict[int, list[Holder]] = defaultdict(list)
    for row in kept:
        if row.substitute_for_id is None:
            found[row.unit_id].append(Holder(row, tuple(standing_in[row.pk])))
    return dict(found)


def chain_up(unit_id: int, on: dt.date | None = None) -> list[UnitVersion]:
    """The unit and its superiors on the day, from the unit up; empty where it does not exist then."""
    day = on or clock.today()
    found: list[UnitVersion] = []
    at: int | None = unit_id
    while at is not None and len(found) < LONGEST_CHAIN:
        row = UnitVersion.objects.filter(in_force(day), unit_id=at).select_related("unit").first()
        if row is None:
            break
        found.append(row)
        at = row.superior_id
    return found


def directly_under(unit_ids: Iterable[int], on: dt.date | None = None) -> dict[int, list[UnitVersion]]:
    """Units directly under each of these on the day, by name. One query."""
    rows = UnitVersion.objects.filter(in_force(on), superior_id__in=set(unit_ids)).select_related("unit")
    found: dict[int, list[UnitVersion]] = defaultdict(list)
    for row in rows.order_by("pinyin", "unit_id"):
        if row.superior_id is not None:
            found[row.superior_id].append(row)
    return dict(found)


@dataclass(frozen=True)
class History:
    """Everything a unit ever was: its states, the adjustments that made them, its post-holders; newest first."""

    unit: Unit
    versions: list[UnitVersion]
    lineage: list[UnitLineage]
    appointments: list[Appointment]


def history_of(actor: Actor, unit_id: int) -> History:
    """The history of a unit that exists for the actor. Raises NotVisible. Four queries."""
    unit = visible_unit(actor, unit_id)
    lineage = UnitLineage.objects.filter(Q(unit=unit) | Q(other=unit)).select_related("unit", "other")
    return History(
        unit=unit,
        versions=list(unit.versions.order_by("-valid_from")),
        lineage=list(lineage.order_by("-effective_on", "-id")),
        appointments=list(unit.appointments.select_related("person").order_by("-valid_from", "-id")),
    )


def posts_to_give(actor: Actor, version: UnitVersion) -> list[str]:
    """Posts of the unit that the actor may appoint to. A post with places of its own is also given where those lie:
    the service asks again. Not those that a module fills by steps of its own."""
    return [
        post.code
        for post in POSTS.values()
        if version.kind in post.kinds
        and not is_kept(post.code)
        and (
            actor.holds(appoint_capability(post.code), version.place_code)
            or (post.carries_places and actor.holds_somewhere(appoint_capability(post.code)))
        )
    ]


def last_names(unit_ids: Iterable[int]) -> dict[int, str]:
    """What each unit is called now, or was last called. One query."""
    rows = UnitVersion.objects.filter(unit_id__in=set(unit_ids)).order_by("valid_from")
    return dict(rows.values_list("unit_id", "name"))


def superiors_for(actor: Actor, place_code: str, *, without: int | None = None) -> list[UnitVersion]:
    """Units that one standing at the place may be put under: those of the place and above it that exist for the actor,
    widest first. One query."""
    rows = units_as_of(actor, kinds=SUPERIOR_KINDS).filter(
        place_code__in=[*ancestors_of(place_code), place_code], unit__ended_on=None
    )
    return list(rows.exclude(unit=without).order_by("place_code", "kind", "pinyin", "unit_id"))


def merge_candidates(
    actor: Actor, version: UnitVersion, place_code: str, text: str = ""
) -> QuerySet[UnitVersion]:
    """Units of the same kind in the place that exist for the actor and could be merged into this one, by name."""
    rows = units_as_of(actor, place_code=place_code, kinds=[version.kind])
    rows = rows.filter(unit__ended_on=None).exclude(unit=version.unit_id)
    rows = rows.filter(within("place_code", actor.places_for(adjust_capability(version.kind))))
    return (rows.filter(matches(text)) if text else rows).order_by("place_code", "pinyin", "unit_id")
