"""Arranging a community's grid workers: who works which grid, who stands in, how a worker leaves.

Appointments are the kernel's; here is only what several of its acts make together, in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.services_handover import MOST, hand_over, waiting_of
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.services_appointments import require_appoint
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.grids.keeping import check_grids

WORKER = "grid_worker"


def committee_of(community: str, on: dt.date) -> UnitVersion | None:
    """The residents' committee in whose service the community's grid workers are."""
    rows = UnitVersion.objects.in_force(on).filter(kind="residents_committee", place_code=community)
    return rows.order_by("unit_id").first()


@transaction.atomic
def appoint_worker(
    *, actor: Actor, community: str, person_id: int, grids: Sequence[str], valid_from: dt.date, document: str = "",
    full_time: bool = True,
) -> Appointment:  # fmt: skip
    """Put somebody new into grids of the community. Raises Refused, naming the field."""
    committee = committee_of(community, valid_from)
    if committee is None:
        raise RuleViolation(_("这个社区还没有登记居民委员会，请先登记。"), field="person")
    _check_inside(community, grids, valid_from)
    return organisations.appoint(
        actor=actor, person_id=person_id, post=WORKER, unit_id=committee.unit_id, valid_from=valid_from,
        places=sorted(grids), full_time=full_time, document=document,
    )  # fmt: skip


@transaction.atomic
def give_grids(
    *, actor: Actor, appointment_id: int, grids: Sequence[str], effective_on: dt.date, document: str = ""
) -> Appointment:
    """Give grids to a worker in addition to those the worker has. Raises Refused, naming the field."""
    held = worker_row(actor, appointment_id)
    codes = {place.code for place in held.places.all()}
    _check_inside(held.place_code[:12], grids, effective_on)
    return organisations.change_places(
        actor=actor, appointment_id=appointment_id, places=sorted({*codes, *grids}), effective_on=effective_on,
        document=document,
    )  # fmt: skip


@transaction.atomic
def set_grids(
    *, actor: Actor, appointment_id: int, grids: Sequence[str], effective_on: dt.date, document: str = ""
) -> Appointment:
    """Give a worker exactly these grids from a day on. Raises Refused while matters wait in a grid taken away."""
    held = worker_row(actor, appointment_id)
    _check_inside(held.place_code[:12], grids, effective_on)
    return organisations.change_places(
        actor=actor, appointment_id=appointment_id, places=sorted(set(grids)), effective_on=effective_on,
        document=document,
    )  # fmt: skip


@transaction.atomic
def let_stand_in(
    *, actor: Actor, appointment_id: int, person_id: int, valid_from: dt.date, valid_to: dt.date,
    document: str = "",
) -> Appointment:  # fmt: skip
    """A worker is on leave until the day before `valid_to`; somebody else answers for the grids meanwhile."""
    worker_row(actor, appointment_id)
    return organisations.appoint_substitute(
        actor=actor, appointment_id=appointment_id, person_id=person_id, valid_from=valid_from, valid_to=valid_to,
        document=document,
    )  # fmt: skip


@transaction.atomic
def release_worker(
    *, actor: Actor, appointment_id: int, on: dt.date, successor_id: int | None = None,
    receiver_id: int | None = None, reason: str = "", document: str = "",
) -> Appointment:  # fmt: skip
    """A worker leaves: the successor gets the grids from today, the receiver the open matters, then the post ends.

    `on`: the first day out of the post. `successor_id`: the appointment of who takes the grids over (None: the grids
    are left without a worker, and stand among the breaks). `receiver_id`: the person who takes the matters over;
    needed while there are any. All or nothing. Raises Refused, naming the field.
    """
    held = worker_row(actor, appointment_id)
    if successor_id == appointment_id:
        raise RuleViolation(_("接手的须是另一位网格员。"), field="successor")
    if successor_id is not None:
        taking = worker_row(actor, successor_id)
        theirs = {place.code for place in taking.places.all()}
        mine = {place.code for place in held.places.all()}
        if taking.unit_id != held.unit_id:
            raise RuleViolation(_("接手的须是同一个居民委员会的网格员。"), field="successor")
        if not mine <= theirs:
            organisations.change_places(
                actor=actor, appointment_id=successor_id, places=sorted(mine | theirs),
                effective_on=min(max(clock.today(), taking.valid_from), on), document=document,
            )  # fmt: skip
    if receiver_id is not None:
        waiting = waiting_of(actor, held.person_id).filter(holder_id=held.unit_id)
        ids = list(waiting.values_list("pk", flat=True))
        for at in range(0, len(ids), MOST):
            some = ids[at : at + MOST]
            hand_over(
                actor=actor, from_id=held.person_id, to_id=receiver_id, matter_ids=some, internal=reason
            )
    return organisations.end_appointment(
        actor=actor, appointment_id=appointment_id, on=on, reason=reason, document=document
    )


def worker_row(actor: Actor, appointment_id: int) -> Appointment:
    """A grid worker's appointment, for whoever appoints there. Raises NotVisible or NotAllowed."""
    row: Appointment | None = (
        policy_for(Appointment)
        .visible_to(actor)
        .filter(pk=appointment_id, post=WORKER)
        .select_related("person", "unit")
        .prefetch_related("places")
        .first()
    )
    if row is None:
        raise NotVisible(_("没有找到这项任职。"))
    require_appoint(actor, row)
    return row


def _check_inside(community: str, grids: Sequence[str], on: dt.date) -> None:
    if not grids:
        raise RuleViolation(_("请至少选一个网格。"), field="grids")
    outside = [code for code in grids if not code.startswith(community)]
    if outside:
        raise RuleViolation(_("%(code)s 不在这个社区。") % {"code": outside[0]}, field="grids")
    check_grids({code: on for code in grids}, field="grids")
