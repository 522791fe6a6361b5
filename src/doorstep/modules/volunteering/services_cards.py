"""Printed cards, for volunteers without a phone: the code stands on the card alone, the database holds its keyed hash.

A card is shown once, when it is given. A lost one is given anew, and from then on the old one is nobody's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.gates import locked_session
from doorstep.kernel.activities.models import ANNOUNCED, BY_CARD, Attendance
from doorstep.kernel.activities.services_attendance import Presence, tick
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.modules.volunteering.cards import card_index, new_card_code
from doorstep.modules.volunteering.models import Volunteer
from doorstep.modules.volunteering.services_profile import locked_volunteer


@dataclass(frozen=True)
class Card:
    """A card as it is printed: shown this once."""

    volunteer: Volunteer
    code: str

    @property
    def groups(self) -> str:
        """In groups of four, as it is read out and typed."""
        return " ".join(self.code[start : start + 4] for start in range(0, len(self.code), 4))


@transaction.atomic
def give_card(*, actor: Actor, volunteer_id: int) -> Card:
    """Give a card, or another for one that was lost. By who keeps volunteers there."""
    row = locked_volunteer(actor, volunteer_id)
    policy_for(Volunteer).require(actor, "keep", row)
    if row.left_on is not None:
        raise RuleViolation(_("这位志愿者已经退出，不再发卡。"))
    code = new_card_code()
    anew = row.card_index is not None
    row.card_index = card_index(code)
    row.lock_version += 1
    row.save(update_fields=["card_index", "lock_version"])
    changes = {"anew": anew}
    record(actor, Act("volunteering.card_given", row, row.place_code, changes, person_ref=row.person_id))
    return Card(row, code)


@transaction.atomic
def stop_card(*, actor: Actor, volunteer_id: int) -> Volunteer:
    """A lost card is nobody's from now on. The same again changes nothing."""
    row = locked_volunteer(actor, volunteer_id)
    if row.card_index is None:
        return row
    row.card_index = None
    row.lock_version += 1
    row.save(update_fields=["card_index", "lock_version"])
    record(actor, Act("volunteering.card_stopped", row, row.place_code, person_ref=row.person_id))
    return row


def holder_of(code: str) -> Volunteer | None:
    """Whose card it is; None for no card in use. One query."""
    index = card_index(code)
    return None if index is None else Volunteer.objects.filter(card_index=index, left_on=None).first()


@transaction.atomic
def tick_by_card(*, actor: Actor, session_id: int, code: str) -> tuple[Attendance, Volunteer]:
    """The organiser scans or types a card: the first time its holder comes, the second time goes. What counts is now."""
    session = locked_session(actor, session_id, "organise")
    holder = holder_of(code)
    if holder is None:
        raise RuleViolation(_("没有这张卡，或者已经挂失。"), field="code")
    if session.state != ANNOUNCED:
        raise Conflict(_("这场活动%s，到场不再登记。") % session.get_state_display())
    now = clock.now()
    row = Attendance.objects.filter(session=session, person=holder.person_id).first()
    if row is None:
        present = Presence(person_id=holder.person_id, in_at=now)
        return tick(actor=actor, session_id=session_id, present=[present], by=BY_CARD)[0], holder
    if row.struck or row.out_at is not None:
        return row, holder
    if now - row.in_at < TWICE:
        raise RuleViolation(_("刚刚登记了到场，离开时再刷一次。"), field="code")
    present = Presence(person_id=holder.person_id, in_at=row.in_at, out_at=now)
    tick(actor=actor, session_id=session_id, present=[present], by=BY_CARD)
    row.refresh_from_db()
    return row, holder


TWICE = dt.timedelta(minutes=1)  # a card read twice by accident
