"""One row of an office's sheet becomes a community organisation or a grid branch, with its count, term and secretary.

An organisation is known by place and name. What a row says of a known one and nobody has recorded yet is added; what
is recorded otherwise is refused at its column, with the page that changes it. An empty cell says nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.importing_units import superior_named
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.selectors import last_names, units_as_of
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.chain import rules
from doorstep.modules.chain.importing import person_named, several
from doorstep.modules.chain.models import BranchGrid, Form, MemberCount, Term
from doorstep.modules.chain.selectors import (
    BRANCH,
    COMMUNITY,
    LEADER,
    form_name,
    grids_of,
    rules_in_force,
)
from doorstep.modules.chain.services import establish_branch, record_member_count, set_form, start_term
from doorstep.modules.chain.services_work import Approved, check_day, constraints_in_words

_COLUMNS = frozenset(
    (
        "name", "community", "form", "units", "grids", "superior", "founded_on", "document", "phone", "hours", "full",
        "probationary", "counted_on", "number", "term_from", "term_end", "committee_size", "secretary",
        "secretary_phone", "secretary_since", "approval",
    )
)  # fmt: skip


@transaction.atomic
def import_community_organisation(actor: Actor, row: ImportRow) -> Outcome:
    """Found the community's Party organisation of one row, or add what is missing to it. Raises Refused at a column."""
    known = _known(actor, row, COMMUNITY)
    if known is not None:
        _refuse_other(known, row, ("form", "superior"))
        office = _update_office(actor, known, row)
        return "changed" if _complete(actor, known, row) or office else "unchanged"
    _refuse_second(actor, row)
    superior = (row["superior"] or "").strip()
    with _at(place_code="community"):
        unit = organisations.found_unit(
            actor=actor, kind=COMMUNITY, name=row["name"], place_code=row["community"], founded_on=row["founded_on"],
            superior_id=superior_named(actor, row["community"], superior) if superior else None,
            document=row["document"] or "", phone=row["phone"] or "", hours=row["hours"] or "",
        )  # fmt: skip
    _add_count(actor, unit.pk, row)
    with _at(valid_from="founded_on"):
        set_form(
            actor=actor, unit_id=unit.pk, form=row["form"], valid_from=row["founded_on"],
            document=row["document"] or "", approved=_approved(row),
        )  # fmt: skip
    _add_term(actor, unit.pk, COMMUNITY, row)
    _add_secretary(actor, unit.pk, COMMUNITY, row)
    return "added"


@transaction.atomic
def import_branch(actor: Actor, row: ImportRow) -> Outcome:
    """Establish the grid branch of one row, or add what is missing to it. Raises Refused at a column."""
    known = _known(actor, row, BRANCH)
    if known is not None:
        _refuse_other(known, row, ("form", "grids", "superior"))
        return "changed" if _complete(actor, known, row) else "unchanged"
    organisation = _organisation(actor, row)
    counted_then = (row["counted_on"] or row["founded_on"]) == row["founded_on"]
    with _at(established_on="founded_on", community="founded_on", place_code="grids"):
        check_day(row["founded_on"], "founded_on")
        grids = _free_grids(row)
        unit = establish_branch(
            actor=actor, name=row["name"], community_id=organisation, grids=grids, established_on=row["founded_on"],
            document=row["document"] or "", form=row["form"] or "branch", units=row["units"] or 0,
            full=row["full"] if counted_then else None, probationary=row["probationary"] or 0,
            approved=_approved(row),
        )  # fmt: skip
    _add_count(actor, unit.pk, row)
    _add_term(actor, unit.pk, BRANCH, row)
    _add_secretary(actor, unit.pk, BRANCH, row)
    return "added"


@contextmanager
def _at(**columns: str) -> Iterator[None]:
    """A refusal of a service, at the column of the sheet that its field is; "" for the whole row."""
    try:
        yield
    except Refused as refusal:
        column = columns.get(refusal.field, refusal.field)
        raise type(refusal)(
            refusal.message, field=column if column in _COLUMNS else "", clause=refusal.clause
        ) from refusal


def _approved(row: ImportRow) -> Approved | None:
    return Approved(row["approval"]) if row["approval"] else None


# Which organisation, which grids.


def _day(founded_on: dt.date) -> dt.date:
    """Today, or the day from which an organisation to come exists."""
    return max(clock.today(), founded_on)


def _standing(actor: Actor, row: ImportRow, kind: str) -> list[UnitVersion]:
    rows = units_as_of(actor, place_code=row["community"], on=_day(row["founded_on"]), kinds=[kind])
    return list(rows.filter(unit__ended_on=None).select_related("unit").order_by("unit_id"))


def _known(actor: Actor, row: ImportRow, kind: str) -> UnitVersion | None:
    name = row["name"].strip()
    return next((version for version in _standing(actor, row, kind) if version.name == name), None)


def _refuse_second(actor: Actor, row: ImportRow) -> None:
    """A community has one Party organisation: another name in the sheet is a new name, or a mistake."""
    for other in _standing(actor, row, COMMUNITY):
        raise RuleViolation(
            _("这个社区已登记党组织“{name}”；更名请在它的页面办理。").format(name=other.name), field="name"
        )


def _organisation(actor: Actor, row: ImportRow) -> int:
    """The community's Party organisation that the branch comes under."""
    name = (row["superior"] or "").strip()
    standing = _standing(actor, row, COMMUNITY)
    found = [version for version in standing if not name or version.name == name]
    if not found:
        words = (
            _("这个社区没有名为“{name}”的党组织。")
            if name
            else _("这个社区还没有党组织，请先导入社区党组织。")
        )
        raise RuleViolation(words.format(name=name), field="superior")
    if len(found) > 1:
        raise RuleViolation(_("这个社区的党组织不止一个，请写明上级。"), field="superior")
    return found[0].unit_id


def _grids(row: ImportRow) -> list[Grid]:
    """The grids of the cell, by name in the community or by code, in its order. Raises RuleViolation at "grids"."""
    names, day = several(row["grids"]), row["founded_on"]
    known = list(
        Grid.objects.filter(Q(code__in=names) | Q(community=row["community"], name__in=names)).order_by(
            "code"
        )
    )
    found: list[Grid] = []
    for name in names:
        here = {grid.pk for grid in known if grid.community_id == row["community"] and grid.name == name}
        matching = [grid for grid in known if grid.code == name or grid.pk in here]
        standing = [grid for grid in matching if grid.holds_on(day)]
        if not matching:
            raise RuleViolation(_("这个社区没有网格“{name}”。").format(name=name), field="grids")
        if not standing:
            raise RuleViolation(
                _("{day} 没有网格“{name}”：它自 {start} 起设立；请核对成立日期。").format(
                    day=day, name=name, start=matching[-1].valid_from
                )
                if matching[-1].valid_from > day
                else _("{day} 网格“{name}”已经撤销。").format(day=day, name=name),
                field="grids",
            )
        if len(standing) > 1:
            raise RuleViolation(_("名为“{name}”的网格不止一个，请写代码。").format(name=name), field="grids")
        found += standing
    return found


def _free_grids(row: ImportRow) -> list[str]:
    """Codes of the cell's grids. Two branches in one grid are arranged on a page, never by a slip in a sheet."""
    grids = _grids(row)
    names = {grid.pk: grid.name for grid in grids}
    taken = BranchGrid.objects.filter(grid__in=names).exclude(valid_to__lte=row["founded_on"])
    if covered := taken.order_by("grid__code", "valid_from").first():
        branch = last_names([covered.branch_id]).get(covered.branch_id, "")
        raise RuleViolation(
            _("网格“{grid}”已由“{branch}”覆盖；确需两个支部覆盖的，请在支部的“调整网格”里办理。").format(
                grid=names[covered.grid_id], branch=branch
            ),
            field="grids",
        )
    return [grid.code for grid in grids]


# What a sheet does not change of an organisation on record.


def _refuse_other(known: UnitVersion, row: ImportRow, columns: Iterable[str]) -> None:
    """Raises RuleViolation at the first column that says otherwise than what is on record, with the page for it."""
    founded, wanted = known.unit.founded_on, row["founded_on"]
    if wanted != founded:
        raise RuleViolation(
            _("“{name}”已登记，成立日期是 {day}；请核对。").format(name=known.name, day=founded),
            field="founded_on",
        )
    for column in columns:
        recorded, said = _RECORDED[column](known), _SAID[column](row)
        if said and said != recorded:
            raise RuleViolation(
                _("“{name}”已登记，这一栏登记的是“{recorded}”；要改请在它的页面办理。").format(
                    name=known.name, recorded=recorded or "—"
                ),
                field=column,
            )


def _recorded_form(known: UnitVersion) -> str:
    form = Form.objects.in_force(_day(known.unit.founded_on)).filter(unit=known.unit_id).first()
    return form_name(form.form) if form else ""


def _recorded_superior(known: UnitVersion) -> str:
    return last_names([known.superior_id]).get(known.superior_id, "") if known.superior_id else ""


def _recorded_grids(known: UnitVersion) -> str:
    day = _day(known.unit.founded_on)
    return _in_words(grids_of([known.unit_id], day).get(known.unit_id, []))


def _in_words(grids: Iterable[Grid]) -> str:
    return "、".join(grid.name for grid in sorted(grids, key=lambda grid: grid.code))


_RECORDED: dict[str, Callable[[UnitVersion], str]] = {
    "form": _recorded_form, "superior": _recorded_superior, "grids": _recorded_grids,
}  # fmt: skip
_SAID: dict[str, Callable[[ImportRow], str]] = {
    "form": lambda row: form_name(row["form"] or ""),
    "superior": lambda row: (row["superior"] or "").strip(),
    "grids": lambda row: _in_words(_grids(row)),
}


# What a sheet adds.


def _complete(actor: Actor, known: UnitVersion, row: ImportRow) -> bool:
    """Add what the row says and nobody has recorded; False where there is nothing of the kind."""
    return any(
        [
            _add_count(actor, known.unit_id, row),
            _add_term(actor, known.unit_id, known.kind, row),
            _add_secretary(actor, known.unit_id, known.kind, row),
        ]
    )


def _update_office(actor: Actor, known: UnitVersion, row: ImportRow) -> bool:
    """Telephone and hours are brought up to date from today on, as an office does itself."""
    said = {key: row[key].strip() for key in ("phone", "hours") if row[key]}
    office = {key: value for key, value in said.items() if value != getattr(known, key)}
    if office:
        with _at():
            organisations.change_office(
                actor=actor, unit_id=known.unit_id, effective_on=_day(known.unit.founded_on), **office
            )
    return bool(office)


def _add_count(actor: Actor, unit_id: int, row: ImportRow) -> bool:
    """Record the count, on the day of founding where the sheet names none; the same day again corrects it."""
    if row["full"] is None:
        if row["probationary"] or row["counted_on"]:
            raise RuleViolation(_("请写正式党员人数。"), field="full")
        return False
    day, counted = row["counted_on"] or row["founded_on"], (row["full"], row["probationary"] or 0)
    standing = MemberCount.objects.filter(unit=unit_id, counted_on=day).first()
    if standing and (standing.full, standing.probationary) == counted:
        return False
    with _at(unit="counted_on"):
        record_member_count(
            actor=actor, unit_id=unit_id, counted_on=day, full=counted[0], probationary=counted[1]
        )
    return True


def _add_term(actor: Actor, unit_id: int, kind: str, row: ImportRow) -> bool:
    """Start the term, unless it is on record. Raises RuleViolation where another is."""
    start, end = row["term_from"], row["term_end"]
    if start is None:
        if end or row["number"] or row["committee_size"]:
            raise RuleViolation(_("请写明本届任期从哪一天起。"), field="term_from")
        return False
    with _at():
        check_day(start, "term_from")
    end = _expiry(kind, start, end) if end else None
    latest = Term.objects.filter(unit=unit_id).order_by("-valid_from").first()
    if latest is not None:
        _refuse_other_term(latest, start, end)
        return False
    with _at(unit="term_from", valid_from="term_from", valid_to="term_end"), constraints_in_words():
        start_term(
            actor=actor, unit_id=unit_id, number=row["number"] or 1, valid_from=start, valid_to=end,
            committee_size=row["committee_size"] or 0, document=row["document"] or "", approved=_approved(row),
        )  # fmt: skip
    return True


def _expiry(kind: str, start: dt.date, end: dt.date) -> dt.date:
    """The day the term expires; a sheet that gives its last day instead means the day after."""
    regular = rules.plus_years(start, rules.term_years(kind, rules_in_force(start)))
    return regular if end == regular - dt.timedelta(1) else end


def _refuse_other_term(latest: Term, start: dt.date, end: dt.date | None) -> None:
    column = "term_from" if start != latest.valid_from else "term_end"
    if column == "term_from" or (end is not None and end != latest.valid_to):
        raise RuleViolation(
            _("已登记第{number}届任期，{start} 至 {end}；换届、延期请在它的页面办理。").format(
                number=latest.number, start=latest.valid_from, end=latest.valid_to or "—"
            ),
            field=column,
        )


def _add_secretary(actor: Actor, unit_id: int, kind: str, row: ImportRow) -> bool:
    """Appoint the secretary, unless in post. Raises RuleViolation where somebody else is."""
    name, post = (row["secretary"] or "").strip(), LEADER[kind]
    if not name:
        return False
    held = Appointment.objects.filter(unit=unit_id, post=post).exclude(valid_to__lte=clock.today())
    names = list(held.filter(substitute_for=None).values_list("person__name", flat=True))
    if name in names:
        return False
    if names:
        raise RuleViolation(
            _("已登记的书记是“{name}”；换人请先在它的页面办理离任。").format(name="、".join(names)),
            field="secretary",
        )
    since = row["secretary_since"] or row["term_from"] or row["founded_on"]
    with _at(person="secretary", post="secretary", phone="secretary_phone", valid_from="secretary_since"):
        person = person_named(actor, name, row["secretary_phone"] or "", row["community"])
        organisations.appoint(
            actor=actor, person_id=person.pk, post=post, unit_id=unit_id, valid_from=since,
            document=row["document"] or "",
        )  # fmt: skip
    return True
