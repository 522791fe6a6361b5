"""Reading pages of communities, assistance and the coordination mechanism."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.indicators import Indicator
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.coverage.compared import comparable
from doorstep.modules.coverage.models import Assistance, CommunityPage, CoordinationMember, Finding, Measure
from doorstep.modules.coverage.models_assistance import AFTER, BEFORE
from doorstep.modules.coverage.models_pages import PUBLISHED
from doorstep.modules.coverage.policies import VIEW
from doorstep.modules.coverage.proofs import COORDINATION
from doorstep.modules.coverage.services_coordination import CONVENES


def page_seen(actor: Actor, pk: int) -> CommunityPage:
    """A page in office. Raises NotVisible."""
    row: CommunityPage | None = policy_for(CommunityPage).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这一页。"))
    return row


def published(kind: str = "") -> Any:
    """Pages that anybody may read, by place; without the bytes of their pictures."""
    rows = CommunityPage.objects.filter(state=PUBLISHED).defer("picture")
    return (rows.filter(kind=kind) if kind else rows).order_by("place_code", "kind", "pk")


def assistance_seen(actor: Actor, pk: int) -> Assistance:
    row: Assistance | None = policy_for(Assistance).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这项帮扶。"))
    return row


@dataclass(frozen=True)
class MeasuredLine:
    """One figure of an assistance: as measured on the first day, and on the last where it is decided."""

    indicator: Indicator
    before: Measure | None
    after: Measure | None


def measured_lines(row: Assistance) -> list[MeasuredLine]:
    """In the order of its figures. One query."""
    kept = {(one.moment, one.key): one for one in row.measures.all()}
    known = comparable()
    return [
        MeasuredLine(known[key], kept.get((BEFORE, key)), kept.get((AFTER, key)))
        for key in row.indicators
        if key in known
    ]


@dataclass(frozen=True)
class Mechanism:
    """The mechanism of a street: who is in it, when it met, what it referred and what became of that."""

    version: UnitVersion
    members: Sequence[tuple[CoordinationMember, str]]
    sessions: Sequence[tuple[Minutes, Sequence[Finding]]]


def mechanism_seen(actor: Actor, unit_id: int) -> UnitVersion:
    """The street's working committee that convenes it. Raises NotVisible."""
    version: UnitVersion | None = (
        UnitVersion.objects.in_force().filter(unit_id=unit_id, kind=CONVENES).first()
    )
    if version is None or not actor.holds(VIEW, version.place_code):
        raise NotVisible(_("没有找到这个协调机制。"))
    return version


def mechanism(actor: Actor, version: UnitVersion, sessions: int = 12) -> Mechanism:
    """Five queries or so."""
    members = list(
        policy_for(CoordinationMember)
        .visible_to(actor)
        .filter(in_force(), mechanism_id=version.unit_id)
        .order_by("role", "pk")
    )
    names = last_names(row.unit_id for row in members)
    met = Minutes.objects.filter(unit_id=version.unit_id, kind=COORDINATION, cancelled_at=None)
    last = list(met.order_by("-day", "-pk")[:sessions])
    referred: dict[int, list[Finding]] = {}
    for found in Finding.objects.filter(session__in=last).select_related("matter").order_by("pk"):
        referred.setdefault(found.session_id or 0, []).append(found)
    return Mechanism(
        version,
        [(row, names.get(row.unit_id, "")) for row in members],
        [(row, referred.get(row.pk, [])) for row in last],
    )


def mechanisms(actor: Actor) -> list[UnitVersion]:
    """Mechanisms that the actor may open, by place."""
    rows = UnitVersion.objects.in_force().filter(kind=CONVENES).order_by("place_code")
    return [row for row in rows if actor.holds(VIEW, row.place_code)]
