"""Reading partners: agreements in force, who is a partner where, communities and the units of their party organisations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.names import matches
from doorstep.kernel.shared.place_codes import LENGTHS, ancestors_of, within
from doorstep.modules.partnership.models import PARTNER_KINDS, Agreement
from doorstep.modules.partnership.policies import KEEP

COMMUNITY = "community_party_organisation"
FOUND = 20


def agreements_seen(actor: Actor) -> QuerySet[Agreement]:
    """Those that exist for the actor."""
    rows: QuerySet[Agreement] = policy_for(Agreement).visible_to(actor)
    return rows


def agreement_seen(actor: Actor, agreement_id: int) -> Agreement:
    """Raises NotVisible."""
    row = agreements_seen(actor).filter(pk=agreement_id).select_related("unit").first()
    if row is None:
        raise NotVisible(_("没有找到这份协议。"))
    return row


def covering(place_code: str) -> Q:
    """Condition on agreements: with this place or with one that holds it."""
    return Q(place_code__in=[*ancestors_of(place_code), place_code])


def partners_at(place_code: str, on: dt.date | None = None) -> QuerySet[Agreement]:
    """Agreements in force with a community (its street's included) on a day."""
    return Agreement.objects.filter(in_force(on), covering(place_code))


def is_partner(unit_id: int, place_code: str, on: dt.date | None = None) -> bool:
    """Whether the unit has an agreement in force with the place, or with one that holds it, on a day (default today)."""
    return partners_at(place_code, on).filter(unit_id=unit_id).exists()


def partnership_of(unit_id: int) -> Callable[[str, dt.date], bool]:
    """Whether the unit is a partner of a place on a day: one query, however often it is asked."""
    rows = list(Agreement.objects.filter(unit_id=unit_id))
    return lambda place_code, day: any(
        place_code.startswith(row.place_code) and row.holds_on(day) for row in rows
    )


def community_unit(place_code: str, on: dt.date | None = None) -> UnitVersion | None:
    """The party organisation of the community that holds the place."""
    code = place_code[: LENGTHS["community"]]
    rows = UnitVersion.objects.filter(in_force(on), kind=COMMUNITY, place_code=code)
    return rows.select_related("unit").order_by("unit_id").first()


def expiring(actor: Actor, until: dt.date) -> QuerySet[Agreement]:
    """Agreements of the actor's places that run out by the day and were neither renewed nor ended, the soonest first."""
    rows = Agreement.objects.filter(
        within("place_code", actor.places_for(KEEP)), valid_to__gt=clock.today(), valid_to__lte=until, end_reason="",
        renewed_by=None,
    )  # fmt: skip
    return rows.select_related("unit").order_by("valid_to", "pk")


def possible_partners(place_code: str, text: str) -> list[UnitVersion]:
    """Units of the district that may become partners, by name; at most twenty, the nearest first. Names of units are no secret."""
    if not text.strip():
        return []
    county, street = place_code[: LENGTHS["county"]], place_code[: LENGTHS["street"]]
    rows = UnitVersion.objects.in_force().filter(
        within("place_code", [county]), matches(text.strip()), kind__in=PARTNER_KINDS
    )
    found = list(rows.order_by("pinyin", "unit_id")[: FOUND * 5])
    return sorted(found, key=lambda row: not row.place_code.startswith(street))[:FOUND]


def acting_agreements(units: Iterable[int]) -> QuerySet[Agreement]:
    """Agreements of these units, those in force first."""
    return Agreement.objects.filter(unit_id__in=set(units)).order_by("-valid_to", "-pk")
