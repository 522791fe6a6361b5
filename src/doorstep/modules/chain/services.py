"""The only writer of the chain, one record at a time. Adjustments of several units: adjustments; many: services_bulk.

`expected_version` is the unit's version that the officer looked at: where somebody else changed it meanwhile, nothing
is written and the refusal says who changed what.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people import services as people
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.chain import rules
from doorstep.modules.chain.models import Form, MemberCount, MemberHousehold, Term
from doorstep.modules.chain.policies import ADJUST
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, SHOW_NAME
from doorstep.modules.chain.services_bulk import (
    NewBranch,
    NewGroup,
    NewHousehold,
    designate_households,
    establish_branches,
    form_groups,
)
from doorstep.modules.chain.services_terms import (
    NewCount,
    NewForm,
    NewTerm,
    record_member_counts,
    set_forms,
    start_terms,
)
from doorstep.modules.chain.services_work import (
    Approved,
    Work,
    accept,
    approvals,
    constraints_in_words,
    expect,
    write_approvals,
)


def establish_branch(
    *, actor: Actor, name: str, community_id: int, grids: Sequence[str], established_on: dt.date, document: str,
    form: str = "branch", units: int = 0, full: int | None = None, probationary: int = 0,
    approved: Approved | None = None, approved_by: str = "",
) -> Unit:  # fmt: skip
    """Establish one grid party branch. Raises Refused; the rules are those of establish_branches."""
    new = NewBranch(
        name=name, community_id=community_id, grids=tuple(grids), established_on=established_on, document=document,
        form=form, units=units, full=full, probationary=probationary, approved=approved, approved_by=approved_by,
    )  # fmt: skip
    return establish_branches(actor=actor, branches=[new])[0]


def form_group(
    *, actor: Actor, name: str, branch_id: int, buildings: Sequence[int], formed_on: dt.date, document: str,
    full: int | None = None, probationary: int = 0, approved: Approved | None = None,
) -> Unit:  # fmt: skip
    """Form one building party group. Raises Refused; the rules are those of form_groups."""
    new = NewGroup(
        name=name, branch_id=branch_id, buildings=tuple(buildings), formed_on=formed_on, document=document,
        full=full, probationary=probationary, approved=approved,
    )  # fmt: skip
    with constraints_in_words():
        return form_groups(actor=actor, groups=[new])[0]


@transaction.atomic
def designate_household(
    *, actor: Actor, person_id: int, building_id: int, designated_on: dt.date, door: str = "", document: str = "",
    consent_given_by: str = "",
) -> MemberHousehold:  # fmt: skip
    """Designate a household. `consent_given_by` says how the person agreed that residents see the name ("" if not)."""
    new = NewHousehold(
        person_id=person_id,
        building_id=building_id,
        designated_on=designated_on,
        door=door,
        document=document,
    )
    with constraints_in_words():
        row = designate_households(actor=actor, households=[new])[0]
    if consent_given_by.strip():
        person = Person.objects.get(pk=person_id)
        if not person.consents.in_force(clock.today()).filter(purpose=SHOW_NAME).exists():
            people.give_consent(actor=actor, person=person, purpose=SHOW_NAME, given_by=consent_given_by)
    return row


@transaction.atomic
def revoke_household(
    *, actor: Actor, household_id: int, revoked_on: dt.date, reason: str, document: str = ""
) -> MemberHousehold:
    """End a designation; `revoked_on` is the first day it no longer holds. Raises RuleViolation without a reason."""
    row = MemberHousehold.objects.select_for_update().filter(pk=household_id).first()
    if row is None:
        raise NotVisible(_("没有找到这户党员中心户。"))
    policy_for(MemberHousehold).require(actor, "revoke", row)
    if not reason.strip():
        raise RuleViolation(_("请写明撤销的原因。"), field="reason")
    if row.valid_to is not None and row.valid_to <= revoked_on:
        raise RuleViolation(_("已于 {day} 撤销。").format(day=row.valid_to), field="revoked_on")
    if revoked_on <= row.valid_from:
        raise RuleViolation(
            _("撤销日期须晚于认定日期 {day}。").format(day=row.valid_from), field="revoked_on"
        )
    before = row.valid_to
    row.valid_to, row.end_reason = revoked_on, reason.strip()
    row.save(update_fields=["valid_to", "end_reason"])
    changes = {
        "valid_to": [before.isoformat() if before else None, revoked_on.isoformat()],
    }
    words = {"end_reason": row.end_reason, "document": document.strip()}
    record(
        actor,
        Act("chain.household_revoked", row, row.place_code, changes, person_ref=row.person_id, words=words),
    )
    return row


@transaction.atomic
def record_member_count(
    *, actor: Actor, unit_id: int, counted_on: dt.date, full: int, probationary: int = 0,
    expected_version: int | None = None,
) -> MemberCount:  # fmt: skip
    """Record how many members a unit had on a day; the same day again corrects it."""
    _expect(unit_id, expected_version)
    new = NewCount(unit_id=unit_id, counted_on=counted_on, full=full, probationary=probationary)
    return record_member_counts(actor=actor, counts=[new])[0]


@transaction.atomic
def set_form(
    *, actor: Actor, unit_id: int, form: str, valid_from: dt.date, document: str = "", units: int = 0,
    approved: Approved | None = None, expected_version: int | None = None,
) -> Form:  # fmt: skip
    """Set the form of a community organisation or branch from a day."""
    _expect(unit_id, expected_version)
    new = NewForm(
        unit_id=unit_id, form=form, valid_from=valid_from, document=document, units=units, approved=approved
    )
    with constraints_in_words():
        return set_forms(actor=actor, forms=[new])[0]


@transaction.atomic
def start_term(
    *, actor: Actor, unit_id: int, number: int, valid_from: dt.date, valid_to: dt.date | None = None,
    committee_size: int = 0, document: str = "", approved: Approved | None = None,
    expected_version: int | None = None,
) -> Term:  # fmt: skip
    """Start a term after an election; an earlier one still running ends, which needs an approval."""
    _expect(unit_id, expected_version)
    new = NewTerm(
        unit_id=unit_id, number=number, valid_from=valid_from, valid_to=valid_to, committee_size=committee_size,
        document=document, approved=approved,
    )  # fmt: skip
    with constraints_in_words():
        return start_terms(actor=actor, terms=[new])[0]


@transaction.atomic
def extend_term(
    *, actor: Actor, unit_id: int, valid_to: dt.date, approved: Approved | None = None,
    expected_version: int | None = None,
) -> Term:  # fmt: skip
    """Put the end of the latest term to another day: always with the superior's approval, by at most the rule's years.

    The regular end is counted from the term's own beginning, so that several extensions do not add up unseen.
    """
    _expect(unit_id, expected_version)
    work = Work(actor, [unit_id])
    term = Term.objects.select_for_update().filter(unit_id=unit_id).order_by("-valid_from").first()
    if term is None:
        raise RuleViolation(_("还没有登记任期，请先登记。"), field="valid_to")
    version = work.state(unit_id, term.valid_from, [COMMUNITY, BRANCH], "unit")
    work.require(ADJUST, version.place_code)
    in_force_rules = work.rules_on(term.valid_from)
    if valid_to <= term.valid_from:
        raise RuleViolation(_("任期的止日须晚于起日。"), field="valid_to")
    if valid_to == term.valid_to:
        raise RuleViolation(_("任期没有变化。"), field="valid_to")
    years = rules.term_years(work.units[unit_id].kind, in_force_rules)
    regular = rules.plus_years(term.valid_from, years)
    found = accept(rules.shift_departures(regular, valid_to, in_force_rules), approved)
    before, term.valid_to = term.valid_to, valid_to
    if approved is not None:
        term.document = approved.document.strip()
    with constraints_in_words():
        term.save(update_fields=["valid_to", "document"])
    write_approvals(approvals(unit_id, found, approved, term.valid_from))
    changes = {
        "valid_to": [before.isoformat() if before else None, valid_to.isoformat()], "document": term.document,
    }  # fmt: skip
    work.write(unit_id, "chain.term_extended", version.place_code, changes)
    work.finish()
    return term


def _expect(unit_id: int, expected_version: int | None) -> None:
    if expected_version is not None:
        expect({unit_id: expected_version})
