"""Telling employers, once a year, what their members did where they live: facts, with the member's consent at that moment."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.modules.vanguard.models import Feedback, Member
from doorstep.modules.vanguard.policies import TELL_EMPLOYERS
from doorstep.modules.vanguard.rules import year_fault
from doorstep.modules.vanguard.selectors import unit_names
from doorstep.modules.vanguard.selectors_feedback import agreeing, facts_of


@transaction.atomic
def tell_employers(*, actor: Actor, member_ids: Sequence[int], year: int) -> list[Feedback]:
    """Tell the employers of these members; who does not agree at this very moment, was told already, or did not serve is
    passed over. Gives what was sent. Raises RuleViolation for a year that cannot be, NotAllowed without the right.

    A consent withdrawn at the same time waits for the person's row, which is locked here: what is sent was agreed to when it
    was sent.
    """
    if not actor.holds_somewhere(TELL_EMPLOYERS):
        raise NotAllowed(_("您的岗位不能向单位反馈。"))
    if year_fault(year, clock.today()):
        raise RuleViolation(_("请选今年或以前的年度。"), field="year")
    wanted = Member.objects.filter(pk__in=member_ids).values("person")
    list(Person.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk", flat=True))
    told = Feedback.objects.filter(year=year, member__in=member_ids).values("member")
    members = list(agreeing(actor).filter(pk__in=member_ids).exclude(pk__in=told).order_by("pk"))
    facts = facts_of([row.pk for row in members], year)
    names = unit_names(row.employer_id for row in members)
    now = clock.now()
    rows = Feedback.objects.bulk_create(
        Feedback(
            member=row, employer_id=row.employer_id, employer_name=names.get(row.employer_id or 0, row.employer_name),
            place_code=row.place_code, year=year, times=facts[row.pk].times, wishes=facts[row.pk].wishes,
            difficulties=facts[row.pk].difficulties, sent_at=now, sent_by_id=actor.person_id,
        )
        for row in members
        if row.pk in facts
    )  # fmt: skip
    record_many(
        actor,
        [
            Act(
                "vanguard.employer_told", row, row.place_code, {"year": year}, person_ref=row.member.person_id
            )
            for row in rows
        ],
    )
    return rows
