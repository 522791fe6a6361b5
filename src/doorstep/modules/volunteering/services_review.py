"""Oddities: looked for each night, decided by a person: in order, or taken back with what was credited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.checks import check_text
from doorstep.kernel.activities.models import Attendance, Session
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.ledger.services import whole_again
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering.models import Approval, Credit, Oddity, Volunteer
from doorstep.modules.volunteering.models_review import DECISIONS, FINE, TAKEN_BACK, WAITING
from doorstep.modules.volunteering.selectors_oddities import found_since
from doorstep.modules.volunteering.services_credits import locked_for_slips, take_back

LOOKED_BACK = 35  # days: what is confirmed or put in later than that is seen by who approves


def find_oddities(since: dt.date | None = None) -> int:
    """Note what is worth a look and was not noted before; gives how many. What somebody decided never comes back."""
    first = since or clock.today() - dt.timedelta(days=LOOKED_BACK)
    found = {each.key: each for each in found_since(first)}
    with transaction.atomic():
        known = set(Oddity.objects.filter(key__in=found).values_list("key", flat=True))
        fresh = [each for key, each in found.items() if key not in known]
        Oddity.objects.bulk_create(
            [
                Oddity(
                    key=each.key, kind=each.kind, place_code=each.place_code, session_id=each.session_id,
                    unit_id=each.unit_id, facts=each.facts, found_at=clock.now(),
                )
                for each in fresh
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return len(fresh)


@whole_again
def decide(*, actor: Actor, oddity_id: int, decision: str, note: str) -> tuple[Oddity, int]:
    """Decide on an oddity: in order, or taken back. Gives the points that were spent already and stay.

    By somebody who neither confirmed nor approved nor was there; with a note. Raises Conflict where it is decided.
    """
    row = policy_for(Oddity).visible_to(actor).select_for_update().filter(pk=oddity_id).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(Oddity).require(actor, "decide", row)
    if row.decision != WAITING:
        raise Conflict(_("这一条已经有人核实过了，请刷新后再看。"))
    if decision not in dict(DECISIONS) or decision == WAITING:
        raise RuleViolation(_("请选属实，或者收回。"), field="decision")
    note = check_text(note, "note", 300, _("请写明核实的情况。"))
    if row.session_id is not None:
        Session.objects.select_for_update().get(pk=row.session_id)
    _check_no_part(actor, row)
    credits, volunteers = _concerned(row) if decision == TAKEN_BACK else ([], [])
    row.decision, row.note, row.decided_at, row.decided_by_id = decision, note, clock.now(), actor.person_id
    row.save()
    changes = {"decision": [WAITING, decision], "credited": len(credits)}
    record(actor, Act("volunteering.odd_decided", row, row.place_code, changes, words={"note": note}))
    return row, take_back(actor, credits, volunteers) if credits else 0


def _check_no_part(actor: Actor, row: Oddity) -> None:
    if actor.person_id is None:
        return
    part = {row.facts.get("person")}
    if row.session is not None:
        part.add(row.session.confirmed_by_id)
        part |= set(Approval.objects.filter(session=row.session).values_list("by", flat=True))
        rows = Attendance.objects.filter(session=row.session)
        part |= {person for both in rows.values_list("person", "recorded_by") for person in both}
    if actor.person_id in part:
        raise NotAllowed(_("确认、审核、登记和参加的人不能核实，请另一位来看。"))


def _concerned(row: Oddity) -> tuple[Sequence[Credit], Sequence[Volunteer]]:
    """Credits of the session, or of the one volunteer it is about; the volunteers locked in order."""
    if row.session_id is None:
        raise RuleViolation(
            _("这一条说的是整个单位：不实的请逐场核实收回，这里选“属实”并写明。"), field="decision"
        )
    rows = Credit.objects.filter(session=row.session_id, taken_back_at=None)
    if number := row.facts.get("volunteer"):
        rows = rows.filter(volunteer__number=number)
    credits = list(rows.order_by("pk"))
    ids = [credit.volunteer_id for credit in credits]
    return credits, list(locked_for_slips().filter(pk__in=ids))


__all__ = ["FINE", "TAKEN_BACK", "decide", "find_oddities"]
