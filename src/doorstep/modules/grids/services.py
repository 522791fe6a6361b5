"""Visits: written by who works the grid, one or hundreds; corrected by the writer; forgotten when the term ends."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.places.models import BuildingPlacement
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.grids import rules
from doorstep.modules.grids.keeping import BATCH, check_choice, check_grids
from doorstep.modules.grids.models import DUTIES, RuleValue, Visit
from doorstep.modules.grids.policies import VISIT

CORRECTED_WITHIN = 7  # days
LATEST_ENTRY = 60  # days afterwards; past registers come in by the platform
FORGOTTEN_AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True)
class NewVisit:
    """A visit as noted. `worker_id` None: the actor; another's only by the platform. `token`: sent twice, kept once."""

    place_code: str
    visited_on: dt.date
    kind: str
    note: str = ""
    building_id: int | None = None
    door: str = ""
    person_id: int | None = None
    worker_id: int | None = None
    token: UUID | None = None


def record_visit(*, actor: Actor, new: NewVisit) -> Visit:
    """Note one visit. Raises Refused; the rules are those of record_visits."""
    return record_visits(actor=actor, visits=[new])[0]


@transaction.atomic
def record_visits(*, actor: Actor, visits: Sequence[NewVisit]) -> list[Visit]:
    """Note visits, all or none, in their order; one sent before under the same token is given back as it is.

    Raises NotVisible or NotAllowed outside the actor's grids, RuleViolation naming the field.
    """
    for place in {new.place_code for new in visits}:
        require_place(actor, VISIT, place)
    check_grids({new.place_code: new.visited_on for new in visits})
    sent = _sent(actor, [new.token for new in visits if new.token])
    placed = _placements({new.building_id for new in visits if new.building_id})
    served = _served(actor, {new.person_id for new in visits if new.person_id})
    found: list[Visit] = []
    for new in visits:
        if new.token in sent:
            found.append(sent[new.token])
            continue
        _check(actor, new, placed, served)
        row = Visit(
            place_code=new.place_code, visited_on=new.visited_on, kind=new.kind, note=new.note.strip(),
            building_id=new.building_id, door=new.door.strip(), person_id=new.person_id,
            worker_id=new.worker_id or actor.person_id, token=new.token, written_at=clock.now(),
        )  # fmt: skip
        found.append(row)
    return _written(actor, found)


def _noted(row: Visit) -> Act:
    changes = {"kind": [None, row.kind], "visited_on": [None, row.visited_on.isoformat()]}
    return Act("grids.visit_noted", row, row.place_code, changes, person_ref=row.person_id)


def _written(actor: Actor, found: list[Visit]) -> list[Visit]:
    """All of them, the new ones written; one that the same phone sent at the same moment gives way to what is there."""
    made = [row for row in found if row.pk is None]
    try:
        with transaction.atomic():
            Visit.objects.bulk_create(made, batch_size=BATCH)
    except IntegrityError as clash:
        known = _sent(actor, [row.token for row in made if row.token])
        if not known:
            raise Conflict(_("别人刚刚登记了同样的内容，请刷新后再看。")) from clash
        return _written(actor, [known.get(row.token, row) for row in found])
    record_many(actor, [_noted(row) for row in made])
    return found


def _sent(actor: Actor, tokens: list[UUID]) -> dict[UUID | None, Visit]:
    """The actor's own visits under these tokens."""
    if not tokens:
        return {}
    rows = Visit.objects.filter(token__in=tokens, worker_id=actor.person_id)
    return {row.token: row for row in rows}


def _placements(buildings: set[int]) -> dict[int, list[BuildingPlacement]]:
    found: dict[int, list[BuildingPlacement]] = {}
    if buildings:
        rows = BuildingPlacement.objects.filter(building__in=buildings).select_related("grid")
        for row in rows:
            found.setdefault(row.building_id, []).append(row)
    return found


def _served(actor: Actor, persons: set[int]) -> dict[int, str]:
    if not persons:
        return {}
    rows = persons_for(actor).filter(pk__in=persons, erased_at=None)
    return dict(rows.values_list("pk", "place_code"))


def _check(
    actor: Actor, new: NewVisit, placed: dict[int, list[BuildingPlacement]], served: dict[int, str]
) -> None:
    check_choice(new.kind, DUTIES, "kind")
    today = clock.today()
    if new.visited_on > today:
        raise RuleViolation(_("走访日期不能晚于今天。"), field="visited_on")
    if not actor.is_system and new.visited_on < today - dt.timedelta(days=LATEST_ENTRY):
        raise RuleViolation(
            _("只能补记 %(days)d 天以内的走访。") % {"days": LATEST_ENTRY}, field="visited_on"
        )
    if len(new.note) > 500 or len(new.door) > 40:
        raise RuleViolation(
            _("情况最多 500 个字，门牌最多 40 个字。"), field="note" if len(new.note) > 500 else "door"
        )
    if rules.tells_who(new.note):
        raise RuleViolation(_("情况里不要写手机号和身份证号，用服务对象来选人。"), field="note")
    if new.worker_id not in (None, actor.person_id) and not actor.is_system:
        raise NotAllowed(_("走访由本人登记。"), field="worker")
    if new.building_id and not any(
        row.grid.code == new.place_code and row.holds_on(new.visited_on)
        for row in placed.get(new.building_id, [])
    ):
        raise RuleViolation(_("这栋楼不在这个网格里。"), field="building")
    if new.person_id and not served.get(new.person_id, "-").startswith(new.place_code[:12]):
        raise NotVisible(_("没有找到这位服务对象。"), field="person")


@transaction.atomic
def correct_visit(*, actor: Actor, visit_id: int, kind: str, note: str) -> Visit:
    """Correct one's own visit within a week: its kind or its words. What it said stays in the audit, sealed."""
    row = policy_for(Visit).visible_to(actor).select_for_update(of=("self",)).filter(pk=visit_id).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(Visit).require(actor, "correct", row)
    if row.worker_id != actor.person_id:
        raise NotAllowed(_("只有走访人本人能更正。"))
    if clock.today() > clock.day_of(row.written_at) + dt.timedelta(days=CORRECTED_WITHIN):
        raise RuleViolation(_("登记 %(days)d 天以后不能再更正。") % {"days": CORRECTED_WITHIN})
    check_choice(kind, DUTIES, "kind")
    if len(note.strip()) > 500 or rules.tells_who(note):
        raise RuleViolation(_("情况最多 500 个字，不写手机号和身份证号。"), field="note")
    before = row.kind, row.note
    row.kind, row.note = kind, note.strip()
    if before == (row.kind, row.note):
        return row
    row.save(update_fields=["kind", "note"])
    changes = {"kind": [before[0], kind]} if before[0] != kind else {}
    words = {"note": before[1]} if before[1] != row.note else {}
    record(
        actor,
        Act("grids.visit_corrected", row, row.place_code, changes, person_ref=row.person_id, words=words),
    )
    return row


def forget_visits() -> int:
    """Blank whom visits served and their words once the term of keeping is over; the count stays. How many."""
    keep = (
        RuleValue.objects.in_force().filter(key="visit.keep_months").values_list("value", flat=True).first()
    )
    if keep is None:
        return 0
    actor = system_actor("grids.forget_visits")
    with transaction.atomic():
        due = Visit.objects.select_for_update(skip_locked=True).filter(
            erased_at=None, visited_on__lt=months_before(clock.today(), int(keep))
        )
        rows = list(due.order_by("visited_on")[:FORGOTTEN_AT_ONCE])
        Visit.objects.filter(pk__in=[row.pk for row in rows]).update(
            person=None, door="", note="", erased_at=clock.now()
        )
        record_many(
            actor,
            [Act("grids.visit_forgotten", row, row.place_code, {"erased": [False, True]}) for row in rows],
        )
    return len(rows)


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day of an earlier month, or that month's last."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))
