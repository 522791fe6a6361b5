"""Reporting in, as a member of one's own accord: changing what one offers, leaving, agreeing that the employer is told.

The community says that it has seen it; there is nothing to approve.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.activities.checks import check_text
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.services import apply_transitions
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import has_consent, persons_for
from doorstep.kernel.people.services import give_consent, withdraw_consent
from doorstep.kernel.places.models import Area as PlaceArea
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.vanguard.models import SKILLS, TIMES, Member, Wish
from doorstep.modules.vanguard.policies import EMPLOYER_FEEDBACK, RECEIVE
from doorstep.modules.vanguard.services_callups import step_out


@dataclass(frozen=True, kw_only=True)
class NewMember:
    """What somebody gives when reporting in. Either a unit of the platform or the employer's name."""

    person_id: int
    place_code: str
    employer_id: int | None = None
    employer_name: str = ""
    slip: str = ""
    skills: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


@transaction.atomic
def report_in(*, actor: Actor, new: NewMember) -> Member:
    """Report in at the community one lives in; the office there enters somebody without a phone, and has then seen it.

    The same again gives the first. Raises NotVisible for another person, RuleViolation naming the field, Conflict where one is
    reported in elsewhere.
    """
    own = actor.person_id == new.person_id
    if not own:
        require_place(actor, RECEIVE, new.place_code)
        if not persons_for(actor).filter(pk=new.person_id, erased_at=None).exists():
            raise NotVisible(_("没有找到这个人。"), field="person")
    columns = _checked(new)
    if not PlaceArea.objects.filter(code=new.place_code, level="community", ended_on=None).exists():
        raise RuleViolation(_("请选所住的社区。"), field="place_code")
    Person.objects.select_for_update().get(pk=new.person_id)  # twice at once: one after the other
    today, now = clock.today(), clock.now()
    known = Member.objects.filter(in_force(today), person_id=new.person_id).first()
    if known is not None and known.valid_to is None:
        if known.place_code != new.place_code:
            raise Conflict(_("已经在别的社区报到。要换社区，请先结束原来的报到。"), field="place_code")
        return known
    row = known or Member(person_id=new.person_id, valid_from=today)  # who left on the same day goes on
    row.valid_to, row.place_code, row.reported_at = None, new.place_code, now
    for name, value in columns.items():
        setattr(row, name, value)
    row.received_at, row.received_by_id = (None, None) if own else (now, actor.person_id)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Conflict(_("刚刚已经报到，请刷新后再看。")) from clash
    _note(actor, "vanguard.reported_in", row)
    return row


def _checked(new: NewMember) -> dict[str, Any]:
    if new.employer_id is not None:
        if new.employer_id not in versions_of([new.employer_id]):
            raise RuleViolation(_("没有找到这个单位，请直接写单位名称。"), field="employer")
        name = ""
    else:
        name = check_text(new.employer_name, "employer_name", 80, _("请写工作单位。"))
    for codes, choices, field in ((new.skills, SKILLS, "skills"), (new.times, TIMES, "times")):
        if set(codes) - set(dict(choices)):
            raise RuleViolation(_("有一项不在可选范围内。"), field=field)
    return {
        "employer_id": new.employer_id, "employer_name": name, "slip": check_text(new.slip, "slip", 60),
        "skills": list(dict.fromkeys(new.skills)), "times": list(dict.fromkeys(new.times)),
    }  # fmt: skip


@transaction.atomic
def change_member(*, actor: Actor, member_id: int, expected_version: int, new: NewMember) -> Member:
    """Change what one offers and for whom one works. Who works for another has not agreed that this one is told: the consent
    ends (PIPL article 23). Raises Conflict where it was changed meanwhile."""
    row = _locked(actor, member_id)
    if row.lock_version != expected_version:
        raise Conflict(_("资料刚刚被改过，请刷新后再改。"))
    columns = _checked(new)
    changed = {name for name, value in columns.items() if getattr(row, name) != value}
    if not changed:
        return row
    for name, value in columns.items():
        setattr(row, name, value)
    row.lock_version += 1
    row.save()
    if changed & {"employer_id", "employer_name"}:
        _end_consent(actor, row)
    _note(actor, "vanguard.changed", row, {"fields": len(changed)})
    return row


def _locked(actor: Actor, member_id: int) -> Member:
    """The member's row, locked, for the person or the community's office. Raises NotVisible or NotAllowed.

    The person's row is locked first, as consents and what is told to employers do: nobody waits in a ring.
    """
    rows = policy_for(Member).visible_to(actor).filter(in_force(), pk=member_id)
    found = rows.values_list("person_id", flat=True).first()
    Person.objects.select_for_update().filter(pk=found or 0).first()
    row: Member | None = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise NotVisible(_("没有找到这条报到记录。"))
    if actor.person_id is None or row.person_id != actor.person_id:
        policy_for(Member).require(actor, "receive", row)
    return row


@transaction.atomic
def receive(*, actor: Actor, member_id: int) -> Member:
    """The community has seen that somebody reported in. The same again changes nothing; nobody receives themselves."""
    row = _locked(actor, member_id)
    policy_for(Member).require(actor, "receive", row)
    if row.person_id == actor.person_id:
        raise RuleViolation(_("自己的报到请社区另一位同事来收。"))
    if row.received_at is not None:
        return row
    row.received_at, row.received_by_id = clock.now(), actor.person_id
    row.save(update_fields=["received_at", "received_by"])
    _note(actor, "vanguard.received", row)
    return row


@transaction.atomic
def leave(*, actor: Actor, member_id: int) -> Member:
    """End it at any time and without a reason. What was claimed and not done goes back to the board, and places in shifts to
    come are given up, in the same transaction; what was done and waits for the word of the person helped stays."""
    row = _locked(actor, member_id)
    if row.valid_to is not None:
        return row
    claimed = Wish.objects.filter(member=row, matter__state="claimed").values_list("matter_id", flat=True)
    if found := list(claimed):
        if actor.person_id != row.person_id:
            raise RuleViolation(_("他手上还有认领的心愿，请先在心愿页另请人认领。"))
        apply_transitions(actor=actor, matter_ids=found, name="give_back")
        Wish.objects.filter(matter__in=found).update(member=None)
    today = clock.today()
    row.valid_to = max(today, row.valid_from + dt.timedelta(days=1))
    row.lock_version += 1
    row.save(update_fields=["valid_to", "lock_version"])
    _end_consent(actor, row)
    step_out(actor=actor, person_id=row.person_id)
    _note(actor, "vanguard.left", row)
    return row


def _end_consent(actor: Actor, row: Member) -> None:
    if has_consent(row.person_id, EMPLOYER_FEEDBACK):
        by = actor if actor.person_id == row.person_id else system_actor("vanguard.consent_ended")
        withdraw_consent(actor=by, person=row.person, purpose=EMPLOYER_FEEDBACK)


@transaction.atomic
def agree_to_feedback(*, actor: Actor, member_id: int, agrees: bool) -> None:
    """The member agrees that the employer is told once a year how often they served, or takes it back at once. Only the member
    says so. The same again changes nothing."""
    row = _locked(actor, member_id)
    if row.person_id != actor.person_id:
        raise NotVisible(_("同意只能由本人表示。"))
    if has_consent(row.person_id, EMPLOYER_FEEDBACK) == agrees:
        return
    if agrees:
        give_consent(
            actor=actor, person=row.person, purpose=EMPLOYER_FEEDBACK, given_by=_("本人在手机上勾选")
        )
    else:
        withdraw_consent(actor=actor, person=row.person, purpose=EMPLOYER_FEEDBACK)


def _note(actor: Actor, action: str, row: Member, changes: dict[str, Any] | None = None) -> None:
    record(actor, Act(action, row, row.place_code, changes or {}, person_ref=row.person_id))
