"""Matters that belong together: duplicates merged, one report split to several units, matters that are related.

Both matters are locked in the order of their numbers. Duplicates keep their originals; who reported one is told and
follows the main one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.laws import Transition
from doorstep.kernel.matters.models import History, Link, Matter, Participation
from doorstep.kernel.matters.notes import SPLIT
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.matters.services import (
    NewMatter,
    authorised,
    check_version,
    locked_cases,
    note_cases,
    open_matter,
    take_steps,
)
from doorstep.kernel.matters.standing import is_insider
from doorstep.kernel.matters.steps import Case, Inputs
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, RuleViolation

MOST_PARTS = 10  # more units than that are a meeting, not a split


@transaction.atomic
def merge_into(
    *, actor: Actor, matter_id: int, main_id: int, reason: str = "", expected_version: int | None = None
) -> Matter:
    """Merge a duplicate into the main matter. Its reporter is told, keeps the original, and follows the main one.

    Raises RuleViolation for another kind, itself, a main one that is over or merged, a matter others were merged
    into (no chains, and so no rings), or a state in which it cannot be merged; NotVisible where either does not exist
    for the actor.
    """
    if matter_id == main_id:
        raise RuleViolation(_("不能并入它自己。"), field="main_id")
    by_id = {case.matter.pk: case for case in locked_cases(actor, [matter_id, main_id])}
    case, main = by_id[matter_id], by_id[main_id].matter
    matter = case.matter
    check_version(matter, expected_version)
    row = authorised(actor, case, "merge")
    if matter.kind != main.kind:
        raise RuleViolation(_("两件事种类不同，不能并案。"), field="main_id")
    if main.main_id is not None:
        raise RuleViolation(
            _("%(number)s 已并入另一件，请并入那一件。") % {"number": main.number}, field="main_id"
        )
    if not main.is_open:
        raise RuleViolation(_("%(number)s 已办结，不能再并入。") % {"number": main.number}, field="main_id")
    if Matter.objects.filter(main=matter).exists():
        raise RuleViolation(_("已有别的事并入这一件。请以这一件为主，或先取消那些并案。"), clause=row.clause)
    matter.main = main
    Link.objects.create(
        matter=matter, other=main, kind=Link.DUPLICATE, at=clock.now(), account_id=actor.account_id,
        reason=checked_text(reason, "reason", 200),
    )  # fmt: skip
    _let_follow(matter, main)
    take_steps(actor, [case], row.name, Inputs(internal=reason, data={"main_id": main.pk}))
    return matter


def _let_follow(matter: Matter, main: Matter) -> None:
    persons = {matter.reporter_id, matter.teller_id} - {None, main.reporter_id, main.teller_id}
    Participation.objects.bulk_create(
        [
            Participation(matter=main, part=Participation.FOLLOWS, person_id=person, at=clock.now())
            for person in sorted(filter(None, persons))
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def unmerge(*, actor: Actor, matter_id: int, reason: str) -> Matter:
    """Take a matter out of the one it was merged into: it begins anew, with new promises; its reporter is told."""
    main_id = Matter.objects.filter(pk=matter_id).values_list("main_id", flat=True).first()
    cases = locked_cases(actor, [pk for pk in (matter_id, main_id) if pk is not None])
    case = next(case for case in cases if case.matter.pk == matter_id)
    matter = case.matter
    row = authorised(actor, case, "unmerge")
    now = clock.now()
    Link.objects.filter(matter=matter, kind=Link.DUPLICATE, ended_at__isnull=True).update(ended_at=now)
    persons = [pk for pk in (matter.reporter_id, matter.teller_id) if pk is not None]
    still = Matter.objects.filter(main=matter.main_id).exclude(pk=matter.pk)
    staying = {pk for pair in still.values_list("reporter_id", "teller_id") for pk in pair if pk}
    Participation.objects.filter(
        matter=matter.main_id, part=Participation.FOLLOWS, person_id__in=set(persons) - staying
    ).delete()
    matter.main = None
    take_steps(actor, [case], row.name, Inputs(internal=reason))
    return matter


@dataclass(frozen=True)
class Piece:
    """What one unit is to do of a report. Without a title or text of its own it has those of the report."""

    unit_id: int
    title: str = ""
    text: str = ""


@transaction.atomic
def split(
    *, actor: Actor, matter_id: int, pieces: Sequence[Piece], expected_version: int | None = None
) -> list[Matter]:
    """Give parts of one report to several units, each as a matter with promises of its own; the report stays whole.

    Who holds the report answers to the reporter until all parts are over; so the parts name no reporter. Raises
    NotAllowed for whoever may not dispatch here, RuleViolation for a matter that is over, or bad pieces.
    """
    (case,) = locked_cases(actor, [matter_id])
    matter, row = case.matter, _asking(case)
    check_version(matter, expected_version)
    if row is None or not actor.holds(row.by, matter.place_code):
        raise NotAllowed(_("您的岗位不能拆分这件事。"))
    _refuse_second_split(matter, expected_version)
    _check_pieces(matter, pieces)
    parts: list[Matter] = []
    for piece in pieces:
        new = NewMatter(
            kind=matter.kind, place_code=matter.place_code, title=piece.title or matter.title,
            text=piece.text or matter.text, source=matter.source, item=matter.item, category=matter.category,
            urgency=matter.urgency, confidentiality=matter.confidentiality, address=matter.address,
            longitude=matter.longitude, latitude=matter.latitude, holder_id=matter.holder_id,
        )  # fmt: skip
        part = open_matter(actor=actor, new=new).matter
        if piece.unit_id != matter.holder_id:
            asked = locked_cases(actor, [part.pk])
            take_steps(actor, asked, row.name, Inputs(unit_id=piece.unit_id))
            part = asked[0].matter
        parts.append(part)
    Link.objects.bulk_create(
        Link(matter=matter, other=part, kind=Link.SPLIT, at=clock.now(), account_id=actor.account_id)
        for part in parts
    )
    note_cases(actor, [case], SPLIT, Inputs(data={"parts": [part.pk for part in parts]}), clock.now())
    return parts


def _asking(case: Case) -> Transition | None:
    """The step by which a new matter of this kind is given to a unit."""
    rows = (row for row in case.law.from_state(case.law.first) if row.asks and row.by)
    return next((row for row in rows if set(row.requires) <= {"unit_id"}), None)


def _refuse_second_split(matter: Matter, expected_version: int | None) -> None:
    """A page sent twice splits once; a split is a note, which `check_version` lets pass."""
    newer = History.objects.filter(matter=matter, name=SPLIT.name, number__gt=expected_version or 0)
    if expected_version is not None and newer.exists():
        raise Conflict(_("这件事刚刚已经拆分过。请刷新后看拆分出的各件。"))


def _check_pieces(matter: Matter, pieces: Sequence[Piece]) -> None:
    units = [piece.unit_id for piece in pieces]
    if not matter.is_open:
        raise RuleViolation(_("这件事已经办结，不能再拆分。"))
    if not 1 <= len(pieces) <= MOST_PARTS:
        raise RuleViolation(
            _("请选择一到 %(most)d 个单位。") % {"most": MOST_PARTS}, field="pieces", clause=SPLIT.clause
        )
    if len(set(units)) < len(units):
        raise RuleViolation(_("同一个单位只能分一次。"), field="pieces")
    if Unit.objects.filter(pk__in=units, ended_on__isnull=True).count() < len(units):
        raise RuleViolation(_("没有找到其中的单位，或它已经撤销。"), field="pieces")


@transaction.atomic
def relate(*, actor: Actor, matter_id: int, other_id: int, reason: str) -> Link:
    """Note that two matters belong together. Raises NotAllowed unless the actor is in office in both."""
    if matter_id == other_id:
        raise RuleViolation(_("不能与它自己关联。"), field="other_id")
    first, second = (case.matter for case in locked_cases(actor, [matter_id, other_id]))
    if not (is_insider(actor, first) and is_insider(actor, second)):
        raise NotAllowed(_("您的岗位不能关联这两件事。"))
    if Link.objects.filter(matter=first, other=second, kind=Link.RELATED, ended_at__isnull=True).exists():
        raise RuleViolation(_("这两件事已经关联。"), field="other_id")
    link = Link.objects.create(
        matter=first, other=second, kind=Link.RELATED, at=clock.now(), account_id=actor.account_id,
        reason=checked_text(reason, "reason", 200, required=True),
    )  # fmt: skip
    record(actor, Act("matters.link", first, first.place_code, {"related": [None, second.pk]}))
    return link


@transaction.atomic
def unrelate(*, actor: Actor, matter_id: int, other_id: int) -> None:
    """End it. Raises RuleViolation where they are not related."""
    first, second = (case.matter for case in locked_cases(actor, [matter_id, other_id]))
    if not (is_insider(actor, first) and is_insider(actor, second)):
        raise NotAllowed(_("您的岗位不能取消这个关联。"))
    ended = Link.objects.filter(matter=first, other=second, kind=Link.RELATED, ended_at__isnull=True)
    if not ended.update(ended_at=clock.now()):
        raise RuleViolation(_("这两件事没有关联。"), field="other_id")
    record(actor, Act("matters.unlink", first, first.place_code, {"related": [second.pk, None]}))
