"""One row of an office's sheet becomes an appointment, by the same services as a form."""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations import selectors
from doorstep.kernel.organisations.kept_posts import filling_page, is_kept
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.services_appointments import appoint, end_appointment, extend_appointment
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import find_persons, persons_for
from doorstep.kernel.people.services import register_person
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS

_SEPARATORS = re.compile(r"[、,，;；\s]+")


@transaction.atomic
def import_appointment(actor: Actor, row: ImportRow) -> Outcome:
    """Apply one row. A row applied twice is "unchanged"; a row with another end ends or extends the appointment.

    Raises Refused whose `field` is a column of the sheet.
    """
    version = _unit(actor, row)
    person = _person(actor, row, version)
    known = Appointment.objects.filter(
        person=person, unit_id=version.unit_id, post=row["post"], valid_from=row["valid_from"]
    ).first()
    places = [code for code in _SEPARATORS.split(row["places"] or "") if code]
    if known is not None:
        _refuse_other(known, row, places)
        return _new_end(actor, known, row["valid_to"])
    if is_kept(row["post"]):
        raise RuleViolation(
            _("%(post)s须按步骤推荐、审批后聘任，不能从表格导入。") % {"post": POSTS[row["post"]].name}, field="post",
            page=filling_page(row["post"]),
        )  # fmt: skip
    appoint(
        actor=actor, person_id=person.pk, post=row["post"], unit_id=version.unit_id, valid_from=row["valid_from"],
        valid_to=row["valid_to"], places=places, full_time=row["full_time"] is not False, has_vote=row["has_vote"] is not False,
        document=row["document"] or "",
    )  # fmt: skip
    return "added"


def _refuse_other(known: Appointment, row: ImportRow, places: list[str]) -> None:
    """A known appointment's end may change by a sheet; of anything else that differs, say where it is changed."""
    own = set(known.places.values_list("code", flat=True))
    if places and set(places) != own:
        raise RuleViolation(
            _("这条任职已登记，负责范围是 %(places)s；要改请在任职台账打开这一条，办理“调整负责范围”。")
            % {"places": "、".join(sorted(own)) or "—"},
            field="places",
        )
    for key in ("full_time", "has_vote", "document"):
        if row[key] not in (None, "") and row[key] != getattr(known, key):
            raise RuleViolation(
                _("这条任职已登记，这一栏与登记的不同；要改请先在任职台账终止这一条，再重新登记。"), field=key
            )


def _new_end(actor: Actor, known: Appointment, valid_to: dt.date | None) -> Outcome:
    """An empty cell says nothing of an appointment that is known: last year's list must not bring back who has left."""
    if valid_to is None or known.valid_to == valid_to:
        return "unchanged"
    if known.valid_to is None or valid_to < known.valid_to:
        end_appointment(actor=actor, appointment_id=known.pk, on=valid_to)
    else:
        extend_appointment(actor=actor, appointment_id=known.pk, valid_to=valid_to)
    return "changed"


def _unit(actor: Actor, row: ImportRow) -> UnitVersion:
    """The one unit of that name with that post, on the first day, within the place."""
    kinds = POSTS[row["post"]].kinds
    place = (row["community"] or "")[
        : LENGTHS["community"]
    ]  # a grid's worker belongs to a unit of the community
    rows = selectors.units_as_of(actor, place_code=place, on=row["valid_from"], kinds=kinds)
    found = list(rows.filter(name=row["unit"].strip())[:2])
    if not found:
        raise RuleViolation(
            _("%(day)s 没有找到设有“%(post)s”、名为“%(unit)s”的单位。")
            % {"day": row["valid_from"].isoformat(), "post": POSTS[row["post"]].name, "unit": row["unit"]},
            field="unit",
        )
    if len(found) > 1:
        raise RuleViolation(
            _("名为“%(unit)s”的单位不止一个，请写明所在社区。") % {"unit": row["unit"]}, field="community"
        )
    return found[0]


def _person(actor: Actor, row: ImportRow, version: UnitVersion) -> Person:
    """By phone where it is given, else the only one of that name; a new person needs a phone."""
    name, phone = row["person"].strip(), row["phone"] or ""
    if phone:
        known = find_persons(actor, phone).filter(name=name).first()
        return known or register_person(actor=actor, name=name, place_code=version.place_code, phone=phone)
    found = list(persons_for(actor).filter(name=name, erased_at__isnull=True)[:2])
    if not found:
        raise RuleViolation(_("没有登记过“%(name)s”，请写手机号以便登记。") % {"name": name}, field="phone")
    if len(found) > 1:
        raise RuleViolation(_("名为“%(name)s”的不止一人，请写手机号。") % {"name": name}, field="phone")
    return found[0]
