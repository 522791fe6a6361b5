"""Appointments follow when grids are drawn anew (places.following), in the transaction that does it.

Who was appointed over an ended grid is, from the day, over the one that took most of it. A new grid is worked by whom somebody
chose, else by who works the grid that gave most to it, unless that made more grids than one worker is to have; then by nobody,
which the findings show. A grid that goes on keeps its worker, unless somebody chose another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.policies import appoint_capability
from doorstep.kernel.organisations.services import one_superior_change_at_a_time
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.organisations.services_grids import appointments_over, renewed_over
from doorstep.kernel.places.following import Followed, Follower, Redrawing, follows_redrawing
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import within

WORKER = "grid_worker"


def lock_units_of(communities: Sequence[str], day: dt.date) -> None:
    """Units that stand in these communities or have people appointed over grids there, before any place is locked."""
    one_superior_change_at_a_time()
    standing = UnitVersion.objects.filter(within("place_code", communities)).exclude(valid_to__lte=day)
    own = Appointment.objects.filter(within("places__code", communities)).exclude(valid_to__lte=day)
    locked_units({*standing.values_list("unit_id", flat=True), *own.values_list("unit_id", flat=True)})


def appointments_follow(actor: Actor, redrawing: Redrawing) -> list[Followed]:
    """Every appointment over an ended grid, and the workers of new ones. Raises RuleViolation for a worker who cannot be."""
    day = redrawing.effective_on
    giving = [code for gave in redrawing.givers.values() for code in gave]
    rows = appointments_over([*redrawing.ended, *giving, *redrawing.workers], day)
    chosen = _chosen(redrawing, {row.pk for row in rows})
    rows = sorted([*rows, *chosen], key=lambda row: (row.substitute_for_id is not None, row.pk))
    before = {row.pk: tuple(sorted(place.code for place in row.places.all())) for row in rows}
    after = {row.pk: {_heir(code, redrawing) for code in before[row.pk]} for row in rows}
    _give_new_grids(rows, before, after, redrawing)
    _give_to_chosen(rows, before, after, redrawing)
    renewed: dict[int, Appointment] = {}
    followed = []
    for row in rows:
        codes = sorted(after[row.pk])
        if tuple(codes) == before[row.pk] and row.substitute_for_id not in renewed:
            continue
        for code in {*before[row.pk], *codes}:
            require_place(actor, appoint_capability(row.post), code)
        renewed[row.pk] = renewed_over(actor, row, codes, day, redrawing.document, renewed)
        name = f"{row.get_post_display()} {row.person.name}"
        followed.append(Followed("appointment", name, before[row.pk], tuple(codes), row.person_id))
    return followed


def _heir(code: str, redrawing: Redrawing) -> str:
    """The grid that took most of an ended one; any other is its own."""
    taken = redrawing.heirs.get(code, ())
    return taken[0] if taken else code


def _chosen(redrawing: Redrawing, known: set[int]) -> list[Appointment]:
    """The appointments that somebody chose and that are not concerned already."""
    wanted = set(redrawing.workers.values())
    condition = Q(pk__in=wanted - known) | Q(substitute_for_id__in=wanted - known)
    rows = (
        Appointment.objects.filter(condition)
        .exclude(pk__in=known)
        .exclude(valid_to__lte=redrawing.effective_on)
    )
    return list(rows.select_related("person", "unit").prefetch_related("places"))


def _give_new_grids(
    rows: Sequence[Appointment],
    before: dict[int, tuple[str, ...]],
    after: dict[int, set[str]],
    redrawing: Redrawing,
) -> None:
    """Each new grid to the chosen worker, else to one of the grid that gave most; a substitute along with its holder."""
    holders = {row.pk: row for row in rows if row.substitute_for_id is None and row.post == WORKER}
    for code in redrawing.begun:
        if code in redrawing.workers:
            pk = redrawing.workers[code]
            _check_worker(holders.get(pk), code, redrawing)
        else:
            found = _worker_of(redrawing.givers.get(code, ()), holders, before, after, redrawing)
            if found is None:
                continue
            pk = found
        after[pk].add(code)
        for row in rows:
            if row.substitute_for_id == pk and before[row.pk]:
                after[row.pk].add(code)


def _give_to_chosen(
    rows: Sequence[Appointment],
    before: dict[int, tuple[str, ...]],
    after: dict[int, set[str]],
    redrawing: Redrawing,
) -> None:
    """Each grid that goes on to the worker chosen for it, from whoever has it; who stands in along with the holder."""
    kept = {code: pk for code, pk in redrawing.workers.items() if code not in redrawing.begun}
    if not kept:
        return
    holders = {row.pk: row for row in rows if row.substitute_for_id is None and row.post == WORKER}
    for code, pk in kept.items():
        _check_worker(holders.get(pk), code, redrawing)
        for other in holders:
            after[other].discard(code)
        after[pk].add(code)
    for row in holders.values():
        if not after[row.pk] and row.holds_on(redrawing.effective_on):
            names = (
                Grid.objects.filter(code__in=before[row.pk]).order_by("code").values_list("name", flat=True)
            )
            raise RuleViolation(
                _("现在管“%(grids)s”的一名网格员在方案里没有网格，请重新安排。")
                % {"grids": "、".join(names)},
                field="workers",
            )
    for row in rows:
        if row.substitute_for_id in holders and before[row.pk]:
            after[row.pk] = set(after[row.substitute_for_id])


def _check_worker(row: Appointment | None, code: str, redrawing: Redrawing) -> None:
    if row is None or not row.holds_on(redrawing.effective_on):
        raise RuleViolation(_("选定的网格员在生效那天已不在任，请重新选择。"), field="workers")
    if not row.place_code.startswith(code[:12]):
        raise RuleViolation(_("选定的网格员不在这个社区，请重新选择。"), field="workers")


def _worker_of(
    gave: Sequence[str], holders: dict[int, Appointment], before: dict[int, tuple[str, ...]], after: dict[int, set[str]],
    redrawing: Redrawing,
) -> int | None:  # fmt: skip
    """A worker of the grid that gave most, who would not have too many; the one with the fewest, of equals the earliest."""
    if not gave:
        return None
    able = [
        pk
        for pk, row in holders.items()
        if gave[0] in before[pk]
        and row.holds_on(redrawing.effective_on)
        and len(after[pk]) < redrawing.most_grids
    ]
    return min(able, key=lambda pk: (len(after[pk]), pk), default=None)


follows_redrawing(Follower("organisations", 20, appointments_follow, lock_units_of))
