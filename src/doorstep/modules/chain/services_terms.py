"""Counts, forms and terms of committees: one or hundreds at a time, by the same rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain import rules
from doorstep.modules.chain.models import Approval, Form, MemberCount, Term
from doorstep.modules.chain.policies import ADJUST, COUNT
from doorstep.modules.chain.rules import Departure
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, KINDS, form_name
from doorstep.modules.chain.services_work import (
    BATCH,
    Approved,
    Work,
    accept,
    approvals,
    check_day,
    check_numbers,
    named_row,
    write_approvals,
)


@dataclass(frozen=True, kw_only=True)
class NewCount:
    """How many members a community organisation, branch or group had on a day."""

    unit_id: int
    counted_on: dt.date
    full: int
    probationary: int = 0


@dataclass(frozen=True, kw_only=True)
class NewForm:
    """The form a party organisation takes from a day."""

    unit_id: int
    form: str
    valid_from: dt.date
    document: str = ""
    units: int = 0
    approved: Approved | None = None


@dataclass(frozen=True, kw_only=True)
class NewTerm:
    """One term of a committee. `valid_to` None: as long as the rule says. committee_size 0: a secretary alone."""

    unit_id: int
    number: int
    valid_from: dt.date
    valid_to: dt.date | None = None
    committee_size: int = 0
    document: str = ""
    approved: Approved | None = None


@transaction.atomic
def record_member_counts(*, actor: Actor, counts: Sequence[NewCount]) -> list[MemberCount]:
    """Record counts as facts; a count of the same unit and day is replaced. Returns them in order."""
    work = Work(actor, {new.unit_id for new in counts})
    before = {
        (row.unit_id, row.counted_on): row
        for row in MemberCount.objects.select_for_update().filter(
            unit_id__in=work.units, counted_on__in={new.counted_on for new in counts}
        )
    }
    rows: dict[tuple[int, dt.date], MemberCount] = {}
    for index, new in enumerate(counts):
        with named_row(index, len(counts), ""):
            check_day(new.counted_on, "counted_on")
            check_numbers(new.full, new.probationary)
            if new.counted_on > clock.today():
                raise RuleViolation(_("统计日期还没有到。"), field="counted_on")
            version = work.state(new.unit_id, new.counted_on, KINDS, "unit")
            work.require(COUNT, version.place_code)
        key = (new.unit_id, new.counted_on)
        old = before.get(key)
        rows[key] = MemberCount(
            unit_id=new.unit_id, counted_on=new.counted_on, full=new.full, probationary=new.probationary
        )
        work.write(
            new.unit_id, "chain.members_counted", version.place_code,
            {
                "counted_on": new.counted_on.isoformat(), "full": [old.full if old else None, new.full],
                "probationary": [old.probationary if old else None, new.probationary],
            },
        )  # fmt: skip
    made = MemberCount.objects.bulk_create(
        list(rows.values()), batch_size=BATCH, update_conflicts=True,
        unique_fields=["unit", "counted_on"], update_fields=["full", "probationary"],
    )  # fmt: skip
    work.finish()
    return made


@transaction.atomic
def set_forms(*, actor: Actor, forms: Sequence[NewForm]) -> list[Form]:
    """Set forms of community organisations and branches; the form before ends where the new one begins."""
    work = Work(actor, {new.unit_id for new in forms})
    figures = _Members(work.units)
    made: list[Form] = []
    allowed: list[Approval] = []
    for index, new in enumerate(forms):
        with named_row(index, len(forms), ""):
            check_day(new.valid_from, "valid_from")
            version = work.state(new.unit_id, new.valid_from, [COMMUNITY, BRANCH], "unit")
            work.require(ADJUST, version.place_code)
            if version.kind == BRANCH and new.form not in ("branch", "joint_branch"):
                raise RuleViolation(_("网格党支部只能是党支部或联合党支部。"), field="form")
            count, found = figures.count(new.unit_id, new.valid_from), []
            if count:
                found = rules.form_departures(
                    new.form, count.full, count.probationary, new.units, work.rules_on(new.valid_from)
                )
            found = accept(found, new.approved)
            before = figures.end_form(new.unit_id, new.valid_from)
        document = new.approved.document if new.approved else new.document
        row = Form(
            unit_id=new.unit_id, form=new.form, units=new.units, document=document, valid_from=new.valid_from
        )
        made.append(row)
        figures.forms.setdefault(new.unit_id, []).append(row)
        allowed += approvals(new.unit_id, found, new.approved, new.valid_from)
        work.write(
            new.unit_id, "chain.form_set", version.place_code,
            {"form": [form_name(before.form) if before else "", form_name(new.form)], "document": document},
        )  # fmt: skip
    made = Form.objects.bulk_create(made, batch_size=BATCH)
    write_approvals(allowed)
    work.finish()
    return made


@transaction.atomic
def start_terms(*, actor: Actor, terms: Sequence[NewTerm]) -> list[Term]:
    """Start terms, past or present, all or none. An early election ends the running term and needs an approval."""
    work = Work(actor, {new.unit_id for new in terms})
    known: dict[int, list[Term]] = {}
    for row in Term.objects.select_for_update().filter(unit_id__in=work.units).order_by("valid_from"):
        known.setdefault(row.unit_id, []).append(row)
    figures = _Members(work.units)
    made: list[Term] = []
    allowed: list[Approval] = []
    for index, new in enumerate(terms):
        with named_row(index, len(terms), ""):
            version, row, found = _term(work, new, known.setdefault(new.unit_id, []), figures)
        made.append(row)
        known[new.unit_id].append(row)
        allowed += approvals(new.unit_id, found, new.approved, new.valid_from)
        work.write(
            new.unit_id, "chain.term_started", version.place_code,
            {
                "number": [None, row.number], "valid_from": [None, row.valid_from.isoformat()],
                "valid_to": [None, row.valid_to.isoformat() if row.valid_to else None],
                "committee_size": [None, row.committee_size], "document": row.document,
            },
        )  # fmt: skip
    made = Term.objects.bulk_create(made, batch_size=BATCH)
    write_approvals(allowed)
    work.finish()
    return made


class _Members:
    """Counts and forms of some units over time, read once."""

    def __init__(self, units: Iterable[int]) -> None:
        self.counts: dict[int, list[MemberCount]] = {}
        for row in MemberCount.objects.filter(unit_id__in=units).order_by("counted_on"):
            self.counts.setdefault(row.unit_id, []).append(row)
        self.forms: dict[int, list[Form]] = {}
        for form in Form.objects.filter(unit_id__in=units):
            self.forms.setdefault(form.unit_id, []).append(form)

    def count(self, unit_id: int, on: dt.date) -> MemberCount | None:
        found = [row for row in self.counts.get(unit_id, []) if row.counted_on <= on]
        return found[-1] if found else None

    def end_form(self, unit_id: int, day: dt.date) -> Form | None:
        """End the form that stands on `day`. Raises RuleViolation where a later one is already on record."""
        rows = self.forms.get(unit_id, [])
        if any(row.valid_from >= day for row in rows):
            raise RuleViolation(_("这一天或以后已有登记，请核对日期。"), field="valid_from")
        standing = next((row for row in rows if row.holds_on(day)), None)
        if standing is not None:
            standing.valid_to = day
            if standing.pk:
                standing.save(update_fields=["valid_to"])
        return standing

    def form(self, unit_id: int, on: dt.date) -> str:
        return next((row.form for row in self.forms.get(unit_id, []) if row.holds_on(on)), "branch")


def _term(
    work: Work, new: NewTerm, known: list[Term], figures: _Members
) -> tuple[UnitVersion, Term, list[Departure]]:
    check_day(new.valid_from, "valid_from")
    version = work.state(new.unit_id, new.valid_from, [COMMUNITY, BRANCH], "unit")
    work.require(ADJUST, version.place_code)
    kind, in_force_rules = work.units[new.unit_id].kind, work.rules_on(new.valid_from)
    end = new.valid_to or rules.plus_years(new.valid_from, rules.term_years(kind, in_force_rules))
    if end <= new.valid_from:
        raise RuleViolation(_("任期的止日须晚于起日。"), field="valid_to")
    found = rules.term_departures(kind, new.valid_from, end, in_force_rules)
    if count := figures.count(new.unit_id, new.valid_from):
        form = figures.form(new.unit_id, new.valid_from)
        found += rules.committee_departures(form, new.committee_size, count.full, in_force_rules)
    for other in known:
        if (
            other.valid_from < new.valid_from
            and other.valid_to is not None
            and other.valid_to > new.valid_from
        ):
            found += rules.shift_departures(other.valid_to, new.valid_from, in_force_rules)
            accept(found, new.approved)
            other.valid_to = new.valid_from
            other.save(update_fields=["valid_to"])
        elif other.valid_from < end and (other.valid_to is None or other.valid_to > new.valid_from):
            raise RuleViolation(
                _("与第{number}届任期（{start} 起）重叠。").format(
                    number=other.number, start=other.valid_from
                ),
                field="valid_from",
            )
    found = accept(found, new.approved)
    row = Term(
        unit_id=new.unit_id, number=new.number, committee_size=new.committee_size,
        document=new.document.strip(), valid_from=new.valid_from, valid_to=end,
    )  # fmt: skip
    return version, row, found
