"""Organisations, coverings, visits and what was found in the past, thousands at once, for the platform: every rule of the live path, by sets.

An office's own records of years before, the demo district. Visits known by their keys are passed over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services_past import Brought, PastMatter, bring_past
from doorstep.kernel.obligations.models import Minutes, Proof
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_linking import link
from doorstep.kernel.obligations.services_supervision import settle, unsettled
from doorstep.kernel.organisations import refusals
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.services_bulk import NewUnit, found_units
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import copy_rows, take_numbers
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.coverage import rules, siting
from doorstep.modules.coverage.models import (
    TOPICS,
    AssistanceEvent,
    Covering,
    Finding,
    HeadCount,
    Profile,
    Visit,
)
from doorstep.modules.coverage.numbers import MEMBERS, UNITS, number_in_force
from doorstep.modules.coverage.proofs import VISIT
from doorstep.modules.coverage.selectors import KINDS, PARTY, cadres_on
from doorstep.modules.coverage.services import NewOrganisation, checked_count
from doorstep.modules.coverage.services_covering import NewParty


@dataclass(frozen=True, kw_only=True)
class PastCount:
    counted_on: dt.date
    staff: int
    full: int
    probationary: int = 0


@dataclass(frozen=True, kw_only=True)
class PastOrganisation:
    """An organisation with its counts, the oldest first. `unit_id`: of a unit that is on record already."""

    new: NewOrganisation
    counts: Sequence[PastCount] = ()
    unit_id: int | None = None


def _platform_alone(actor: Actor) -> None:
    if not actor.is_system:
        raise PermissionError("what is past comes in by the platform")


@transaction.atomic
def bring_organisations(*, actor: Actor, cases: Sequence[PastOrganisation]) -> list[Profile]:
    """Register them all, or none, in order. Raises PermissionError for anybody but the platform, RuleViolation as the live path."""
    _platform_alone(actor)
    rows = [_profile(case.new) for case in cases]
    codes = [row.credit_code for row in rows]
    if len(set(codes)) < len(codes) or Profile.objects.filter(credit_code__in=codes).exists():
        raise RuleViolation(_("同一个信用代码出现了两次。"), field="credit_code")
    fresh = [(case, row) for case, row in zip(cases, rows, strict=True) if case.unit_id is None]
    units = found_units(
        actor=actor,
        units=[
            NewUnit(
                kind=case.new.kind, name=case.new.name, place_code=row.place_code, founded_on=case.new.founded_on,
                credit_code=row.credit_code, address=row.address,
            )
            for case, row in fresh
        ],
    )  # fmt: skip
    for (_case, row), unit in zip(fresh, units, strict=True):
        row.unit = unit
    known = Unit.objects.in_bulk([case.unit_id for case in cases if case.unit_id is not None])
    for case, row in zip(cases, rows, strict=True):
        if case.unit_id is not None:
            row.unit = known[case.unit_id]
    Profile.objects.bulk_create(rows)
    counts = [one for case, row in zip(cases, rows, strict=True) for one in _counts(row, case.counts)]
    HeadCount.objects.bulk_create(counts)
    record_many(
        actor,
        [
            Act("coverage.registered", row, row.place_code, {"credit_code": [None, row.credit_code]})
            for row in rows
        ],
    )
    return rows


def _profile(new: NewOrganisation) -> Profile:
    if new.kind not in KINDS:
        raise RuleViolation(_("请选企业、社会组织或物业企业。"), field="kind")
    site = siting.site_of(new.address, new.longitude, new.latitude, new.place_code)
    return Profile(
        credit_code=refusals.check_credit_code(new.credit_code), trade=new.trade, place_code=site.place_code, address=site.address,
        longitude=site.longitude, latitude=site.latitude,
    )  # fmt: skip


def _counts(row: Profile, counts: Sequence[PastCount]) -> list[HeadCount]:
    following = [*(one.counted_on for one in counts[1:]), None]
    return [
        HeadCount(
            organisation=row, place_code=row.place_code, valid_from=one.counted_on, valid_to=until,
            **checked_count(row.unit, one.counted_on, one.staff, one.full, one.probationary),
        )
        for one, until in zip(counts, following, strict=True)
    ]  # fmt: skip


@transaction.atomic
def bring_parties(*, actor: Actor, parties: Sequence[NewParty], superiors: Sequence[int]) -> list[Covering]:
    """Found them all and let them cover, or none; `superiors`: under whom each stands. Raises as `services_covering.establish`, and
    ExclusionViolation where an organisation would be covered twice."""
    _platform_alone(actor)
    ids = {one for party in parties for one in party.organisation_ids}
    profiles, full = Profile.objects.in_bulk(ids), dict(
        HeadCount.objects.filter(organisation__in=ids).order_by("-valid_from").values_list("organisation", "full")
    )  # fmt: skip
    for party in parties:
        least, most = number_in_force(MEMBERS, party.founded_on), number_in_force(UNITS, party.founded_on)
        members = [full.get(one, 0) for one in party.organisation_ids]
        own = party.form == rules.OWN
        fault = rules.own_fault(members[0], least) if own else rules.joint_fault(members, least, most)
        if fault or (own and len(members) != 1):
            raise RuleViolation(f"{party.name}: {fault}", field="organisations")
    units = found_units(
        actor=actor,
        units=[
            NewUnit(
                kind=PARTY, name=party.name, founded_on=party.founded_on, document=party.document, approved_by=party.approved_by,
                place_code=rules.place_of_several([profiles[one].place_code for one in party.organisation_ids]), superior_id=superior,
            )
            for party, superior in zip(parties, superiors, strict=True)
        ],
    )  # fmt: skip
    rows = [
        Covering(
            party=unit, organisation=profiles[one], place_code=profiles[one].place_code, form=party.form, document=party.document,
            valid_from=party.founded_on,
        )
        for unit, party in zip(units, parties, strict=True)
        for one in party.organisation_ids
    ]  # fmt: skip
    made = Covering.objects.bulk_create(rows)
    record_many(
        actor,
        [
            Act("coverage.covered", row, row.place_code, {"form": [None, row.form], "document": row.document})
            for row in made
        ],
    )
    return made


@dataclass(frozen=True, kw_only=True)
class PastVisit:
    key: UUID
    organisation_id: int
    instructor_id: int
    visited_on: dt.date
    topics: tuple[str, ...]
    found: str = ""


@transaction.atomic
def bring_visits(*, actor: Actor, cases: Sequence[PastVisit], since: dt.date) -> int:
    """Bring them in, all or none, and derive and link what is owed since that day; gives how many are new.

    Raises PermissionError for anybody but the platform, ValueError for a visit to come or by somebody who never held both posts
    there, UniqueViolation for two on one day.
    """
    _platform_alone(actor)
    known = set(Visit.objects.filter(key__in=[case.key for case in cases]).values_list("key", flat=True))
    fresh = [case for case in cases if case.key not in known]
    profiles = Profile.objects.in_bulk({case.organisation_id for case in fresh})
    held = {(unit, person) for unit, person in cadres_on(clock.today()).values_list("unit", "person")}
    for case in fresh:
        if case.visited_on > clock.today() or not set(case.topics) <= dict(TOPICS).keys():
            raise ValueError(f"{case.key}: a visit to come, or about nothing known")
        if (profiles[case.organisation_id].unit_id, case.instructor_id) not in held:
            raise ValueError(f"{case.key}: not an instructor there")
    derive(actor=actor, codes=[VISIT], since=since)
    proofs = [
        Proof(
            kind=VISIT, unit_id=profiles[case.organisation_id].unit_id, place_code=profiles[case.organisation_id].place_code,
            day=case.visited_on,
        )
        for case in fresh
    ]  # fmt: skip
    for number, proof in zip(take_numbers(Proof, len(proofs)), proofs, strict=True):
        proof.pk = number
    rows = [
        Visit(
            pk=number, key=case.key, proof_id=proof.pk, organisation_id=case.organisation_id,
            place_code=profiles[case.organisation_id].place_code, visited_on=case.visited_on, instructor_id=case.instructor_id,
            topics=list(case.topics), found=case.found, recorded_at=dt.datetime.combine(case.visited_on, dt.time(17), clock.DISTRICT_ZONE),
        )
        for number, case, proof in zip(take_numbers(Visit, len(fresh)), fresh, proofs, strict=True)
    ]  # fmt: skip
    copy_rows(proofs)
    copy_rows(rows)
    record_many(
        actor,
        [
            Act(
                "coverage.past_visits",
                row,
                row.place_code,
                {"visited_on": [None, row.visited_on.isoformat()]},
            )
            for row in rows
        ],
    )
    link()
    settle(unsettled())
    return len(rows)


@dataclass(frozen=True, kw_only=True)
class PastFinding:
    """What was found, with its course, from exactly one of `visit`, `event`, `session`."""

    past: PastMatter
    visit: Visit | None = None
    event: AssistanceEvent | None = None
    session: Minutes | None = None


def bring_findings(*, actor: Actor, cases: Sequence[PastFinding]) -> Brought:
    """Bring in those that are not known by their keys; one that cannot be keeps all out and is among the problems. Raises PermissionError for
    anybody but the platform."""
    _platform_alone(actor)
    by_key = {case.past.new.key: case for case in cases}

    def written(portion: Iterable[tuple[PastMatter, Matter]]) -> None:
        rows = []
        for past, matter in portion:
            case = by_key[past.new.key]
            rows.append(Finding(matter=matter, visit=case.visit, event=case.event, session=case.session))
        Finding.objects.bulk_create(rows)

    return bring_past(actor=actor, cases=[case.past for case in cases], whole=True, written=written)
