"""The end of what was said: words, place and people of a closed matter are blanked, its course and numbers stay.

What remains: kind, item, category, urgency, source, grid, every step with its times, units and staff, every promise.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.matters import files
from doorstep.kernel.matters.laws import all_laws
from doorstep.kernel.matters.models import (
    Attachment,
    ExtensionRequest,
    History,
    Link,
    Matter,
    Notice,
    Participation,
    Pause,
    Remark,
    RetentionTerm,
    SupervisionOrder,
)
from doorstep.kernel.matters.policies import SET_TERMS
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.matters.standing import seen_matter
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation

AT_ONCE = 500
LONGEST = 600  # months; more is a slip of the hand
TOMBSTONE = "内容已按期删除"

_forgetting: list[Callable[[Sequence[int]], None]] = []


def also_forget(forget: Callable[[Sequence[int]], None]) -> Callable[[Sequence[int]], None]:
    """A module's own words and persons of these matters (ids), blanked in the same transaction."""
    _forgetting.append(forget)
    return forget


def erase_words(*, actor: Actor, matter_id: int) -> Matter:
    """Erase one closed matter whose term has passed: by the platform alone.

    Raises NotAllowed to anybody else, RuleViolation where it is open, was erased, has no term, or the term runs on.
    """
    matter = seen_matter(actor, matter_id)
    if not actor.is_system:
        raise NotAllowed(_("内容由平台按保存期限删除。"))
    if matter.is_open or matter.closed_at is None:
        raise RuleViolation(_("这件事还没有办结，内容不能删除。"))
    if matter.erased_at is not None:
        raise RuleViolation(_("这件事的内容已经删除。"))
    term = RetentionTerm.objects.in_force().filter(kind=matter.kind).first()
    if term is None or matter.closed_at >= closed_before(term.months):
        raise RuleViolation(_("这件事的保存期限还没有到。"))
    erase_matters(actor, [matter.pk])
    matter.refresh_from_db()
    return matter


def erase_due(limit: int = 20 * AT_ONCE) -> int:
    """Erase what has come to the end of its term, a few hundred at a time; gives the number."""
    actor, done = system_actor("matters.erase_due"), 0
    for term in RetentionTerm.objects.in_force():
        due = Matter.objects.filter(
            kind=term.kind, is_open=False, erased_at__isnull=True, closed_at__lt=closed_before(term.months)
        )
        while done < limit and (
            ids := list(due.order_by("closed_at").values_list("pk", flat=True)[:AT_ONCE])
        ):
            erase_matters(actor, ids)
            done += len(ids)
    return done


def closed_before(months: int, today: dt.date | None = None) -> dt.datetime:
    """Matters closed before this moment have been kept for so many whole months."""
    day = today or clock.today()
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.datetime(year, month + 1, min(day.day, last), tzinfo=DISTRICT_ZONE)


def erase_matters(actor: Actor, ids: Iterable[int]) -> list[Matter]:
    """Blank closed matters, whatever their term: for a person's own erasure. The caller has asked whether it may.

    What is open, or has been erased, is passed over. Files go once the transaction has been committed.
    """
    with transaction.atomic():
        held = Matter.objects.select_for_update().filter(
            pk__in=list(ids), is_open=False, erased_at__isnull=True
        )
        matters = list(held.order_by("pk"))
        if matters:
            _blank(matters, clock.now())
            record_many(
                actor,
                [
                    Act("matters.erase_words", matter, matter.place_code, {"erased": [False, True]})
                    for matter in matters
                ],
            )
    return matters


def _blank(matters: Sequence[Matter], now: dt.datetime) -> None:
    pks = [matter.pk for matter in matters]
    reporters = {pk for matter in matters for pk in (matter.reporter_id, matter.teller_id) if pk is not None}
    # Who acted in office has a unit beside the name, and stays named.
    theirs = Q(unit__isnull=True, person__in=reporters)
    Matter.objects.filter(pk__in=pks).update(
        title=TOMBSTONE, text="", address="", longitude=None, latitude=None, reporter=None, teller=None,
        sought="", bigrams=[], erased_at=now,
    )  # fmt: skip
    said = History.objects.filter(matter__in=pks)
    said.filter(theirs).update(note="", internal="", person=None, account_id=None)
    said.exclude(note="", internal="").update(note="", internal="")
    remarks = Remark.objects.filter(matter__in=pks)
    remarks.filter(theirs).update(text="", person=None, account_id=None)
    remarks.exclude(text="").update(text="")
    SupervisionOrder.objects.filter(matter__in=pks).update(reason="", reply="", closing="")
    Pause.objects.filter(deadline__matter__in=pks).update(reason="")
    ExtensionRequest.objects.filter(matter__in=pks).update(reason="")
    Link.objects.filter(Q(matter__in=pks) | Q(other__in=pks)).update(reason="")
    _take_files(pks, theirs, now)
    Notice.objects.filter(matter__in=pks, person__in=reporters).delete()
    Participation.objects.filter(matter__in=pks, person__isnull=False).delete()
    for forget in _forgetting:
        forget(pks)


def _take_files(pks: Sequence[int], theirs: Q, now: dt.datetime) -> None:
    rows = Attachment.objects.filter(matter__in=pks, removed_at__isnull=True)
    names = list(rows.values_list("file", flat=True))
    rows.filter(theirs).update(person=None, account_id=None)
    rows.update(name="", removed_at=now)

    def remove() -> None:
        for name in names:
            files.removed(name)

    transaction.on_commit(remove)


@transaction.atomic
def set_retention_term(
    *, actor: Actor, kind: str, months: int, clause: str, valid_from: dt.date
) -> RetentionTerm:
    """Keep the words of matters of a kind so many months after they are closed, from a day on.

    Raises NotAllowed without the capability for the whole district, RuleViolation for a bad term or a past day.
    """
    if not actor.holds(SET_TERMS, settings.HOME_PLACE):
        raise NotAllowed(_("您的岗位不能设定保存期限。"))
    if kind not in {law.kind for law in all_laws()}:
        raise RuleViolation(_("没有这种事项。"), field="kind")
    if not 1 <= months <= LONGEST:
        raise RuleViolation(_("保存期限应为 1 到 %(most)d 个月。") % {"most": LONGEST}, field="months")
    if valid_from < clock.today() and not actor.is_system:
        raise RuleViolation(_("新的保存期限从今天或以后开始。"), field="valid_from")
    clause = checked_text(clause, "clause", 200, required=True)
    rows = RetentionTerm.objects.select_for_update().filter(kind=kind)
    rows.filter(valid_from__gte=valid_from).delete()
    rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)).update(valid_to=valid_from)
    term = RetentionTerm.objects.create(kind=kind, months=months, clause=clause, valid_from=valid_from)
    record(actor, Act("matters.set_retention", term, changes={"kind": kind, "months": [None, months]}))
    return term
