"""The fourth list: who does what of a project by when; done by the unit, confirmed by somebody who had no part in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Participation
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.matters.working_days import end_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.modules.partnership.keeping_lists import check_partner, line, locked, serves
from doorstep.modules.partnership.models_lists import Project, Responsibility
from doorstep.modules.partnership.states_projects import RESPONSIBILITY

MOST_DUTIES = 20


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One thing a unit is to do, by a day."""

    unit_id: int
    what: str
    due_on: dt.date


def assign_duties(actor: Actor, project: Project, duties: Sequence[Duty]) -> list[Responsibility]:
    """Share out what is to be done: each a matter with a clock, held by its unit. Part of the transaction that agrees."""
    if project.responsibilities.count() + len(duties) > MOST_DUTIES:
        raise RuleViolation(_("一个项目最多 %d 项责任。") % MOST_DUTIES, field="duties")
    return [_assigned(actor, project, number, duty) for number, duty in enumerate(duties)]


def _assigned(actor: Actor, project: Project, number: int, duty: Duty) -> Responsibility:
    if duty.unit_id != project.matter.holder_id:
        check_partner(duty.unit_id, project.place_code, "duties")
    what = line(duty.what, "title", 80, required=True)
    if not clock.today() <= duty.due_on <= project.ends_on:
        raise RuleViolation(_("责任的期限须在今天和项目完成期限之间。"), field="duties")
    count = project.responsibilities.count()
    opened = matters.open_matter(
        actor=actor,
        new=matters.NewMatter(
            kind=RESPONSIBILITY, place_code=project.place_code, title=what, source=project.matter.source,
            holder_id=duty.unit_id, key=uuid5(project.matter.key, f"{count} {number} {what} {duty.due_on}"),
        ),
        told=False,
    ).matter  # fmt: skip
    row = Responsibility(matter=opened, project=project, unit_id=duty.unit_id, due_on=duty.due_on)
    row.save(force_insert=True)
    # the community confirms what it did itself by another of its people
    if duty.unit_id != project.matter.holder_id:
        Participation.objects.create(
            matter=opened, unit_id=duty.unit_id, part=Participation.LEAD, at=clock.now()
        )
    matters.apply_transition(
        actor=actor, matter_id=opened.pk, name="assign",
        inputs=Inputs(end=end_of(duty.due_on), data={"project": project.pk}),
    )  # fmt: skip
    row.matter.refresh_from_db()
    return row


@transaction.atomic
def report_done(
    *, actor: Actor, responsibility_id: int, note: str, expected_version: int | None = None
) -> Responsibility:
    """The unit has done its part. Raises NotAllowed for other units."""
    row: Responsibility = locked(actor, Responsibility, responsibility_id)
    _step(actor, row, "do", expected_version, note=note)
    row.done_on = clock.today()
    row.save(update_fields=["done_on"])
    return row


@transaction.atomic
def confirm_done(
    *, actor: Actor, responsibility_id: int, note: str, expected_version: int | None = None
) -> Responsibility:
    """Somebody who had no part in it has seen that it is done. Raises NotAllowed for who serves in the unit that did it."""
    row = _to_be_seen(actor, responsibility_id)
    _step(actor, row, "confirm", expected_version, note=note)
    row.kept_on = clock.today()
    row.save(update_fields=["kept_on"])
    return row


@transaction.atomic
def send_back_duty(
    *, actor: Actor, responsibility_id: int, reason: str, expected_version: int | None = None
) -> Responsibility:
    """What was said to be done is not: the unit goes on. Raises NotAllowed for who serves in it."""
    row = _to_be_seen(actor, responsibility_id)
    _step(actor, row, "rework", expected_version, internal=reason)
    row.done_on = None
    row.save(update_fields=["done_on"])
    return row


def _to_be_seen(actor: Actor, responsibility_id: int) -> Responsibility:
    """What the community does itself is done by one of its people and seen by another."""
    row: Responsibility = locked(actor, Responsibility, responsibility_id)
    if row.unit_id != row.project.matter.holder_id and serves(actor, row.unit_id):
        raise NotAllowed(_("责任单位的人不确认自己单位做的。"))
    return row


@transaction.atomic
def drop_duty(*, actor: Actor, responsibility_id: int, reason: str) -> None:
    """What is no longer to be done, by who manages the project."""
    row: Responsibility = locked(actor, Responsibility, responsibility_id)
    _step(actor, row, "drop", None, internal=reason)


def _step(actor: Actor, row: Responsibility, name: str, expected_version: int | None, **words: Any) -> None:
    matters.apply_transition(
        actor=actor, matter_id=row.pk, name=name, inputs=Inputs(**words), expected_version=expected_version
    )
