"""The past at once, by COPY: posts, areas and projects with their holders, members, call-ups, wishes. Every rule of the
database holds, wishes keep their law, all has its audit.

For the platform alone: an office's own lists of years before, the demo district. What is there already is passed over, so that
a load that was cut off goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.services_past import PastSession, bring_sessions
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services_past import Brought, PastMatter, bring_past
from doorstep.kernel.shared.copying import copy_rows, take_numbers
from doorstep.modules.vanguard.models import (
    Area,
    AreaPlace,
    Callup,
    Holding,
    Member,
    Position,
    Post,
    Project,
    ProjectActivity,
    Wish,
)
from doorstep.modules.vanguard.selectors import HELD, SHIFT
from doorstep.modules.vanguard.states import KIND


@dataclass(frozen=True, kw_only=True)
class PastKept:
    """A post, an area or a project, with whoever holds it (None: vacant). `codes`: an area's places. `more`: what is its own
    (a post's kind and duty, a project's aim)."""

    what: str
    place_code: str
    name: str
    unit_id: int
    valid_from: dt.date
    holder_id: int | None = None
    held_from: dt.date | None = None
    document: str = ""
    codes: Sequence[str] = ()
    compound_id: int | None = None
    more: dict[str, Any] = field(default_factory=dict)


def _platform(actor: Actor) -> None:
    if not actor.is_system:
        raise PermissionError("the past comes in by the platform")


@transaction.atomic
def bring_kept(*, actor: Actor, cases: Sequence[PastKept]) -> int:
    """Bring them in, all or none; gives how many are new. Raises PermissionError for anybody but the platform."""
    _platform(actor)
    made = 0
    models: dict[str, Any] = dict(HELD)  # each made by its own keywords
    for what, model in models.items():
        known = set(model.objects.values_list("place_code", "unit_id", "name"))
        fresh = [
            case
            for case in cases
            if case.what == what and (case.place_code, case.unit_id, case.name) not in known
        ]
        if not fresh:
            continue
        rows = [
            model(
                pk=number, place_code=case.place_code, name=case.name, unit_id=case.unit_id, valid_from=case.valid_from, **case.more
            )
            for number, case in zip(take_numbers(model, len(fresh)), fresh, strict=True)
        ]  # fmt: skip
        copy_rows(rows)
        record_many(
            actor, [Act("vanguard.set_up", row, row.place_code, {"name": [None, row.name]}) for row in rows]
        )
        _places(fresh, rows)
        _holdings(actor, what, fresh, rows)
        made += len(rows)
    return made


def _places(cases: Sequence[PastKept], rows: Sequence[Post | Area | Project]) -> None:
    parts = []
    for case, row in zip(cases, rows, strict=True):
        if isinstance(row, Area):
            parts += [AreaPlace(area=row, code=code) for code in case.codes]
            if case.compound_id is not None:
                parts.append(AreaPlace(area=row, compound_id=case.compound_id))
    copy_rows(parts)


def _holdings(
    actor: Actor, what: str, cases: Sequence[PastKept], rows: Sequence[Post | Area | Project]
) -> None:
    held = [
        (case, row, case.holder_id)
        for case, row in zip(cases, rows, strict=True)
        if case.holder_id is not None
    ]
    made = [
        Holding(
            pk=number, person_id=holder_id, place_code=row.place_code, given_by_id=case.unit_id,
            valid_from=case.held_from or case.valid_from, document=case.document, **{what: row},
        )
        for number, (case, row, holder_id) in zip(take_numbers(Holding, len(held)), held, strict=True)
    ]  # fmt: skip
    copy_rows(made)
    record_many(
        actor,
        [
            Act("vanguard.given", one, one.place_code, {what: [None, row.name]}, person_ref=one.person_id)
            for one, (_case, row, _holder) in zip(made, held, strict=True)
        ],
    )


@dataclass(frozen=True, kw_only=True)
class PastMember:
    """A member who reported in on a day, and whom the community saw."""

    person_id: int
    place_code: str
    reported_at: dt.datetime
    received_at: dt.datetime | None
    received_by_id: int | None
    employer_id: int | None = None
    employer_name: str = ""
    slip: str = ""
    skills: Sequence[str] = ()
    times: Sequence[str] = ()


@transaction.atomic
def bring_members(*, actor: Actor, members: Sequence[PastMember]) -> int:
    """Bring them in, all or none; who is reported in already is passed over. Gives how many are new."""
    _platform(actor)
    known = set(Member.objects.values_list("person_id", flat=True))
    fresh = [one for one in members if one.person_id not in known]
    rows = [
        Member(
            pk=number, person_id=one.person_id, place_code=one.place_code, employer_id=one.employer_id,
            employer_name=one.employer_name, slip=one.slip, skills=list(one.skills), times=list(one.times),
            valid_from=one.reported_at.date(), reported_at=one.reported_at, received_at=one.received_at,
            received_by_id=one.received_by_id,
        )
        for number, one in zip(take_numbers(Member, len(fresh)), fresh, strict=True)
    ]  # fmt: skip
    copy_rows(rows)
    record_many(
        actor, [Act("vanguard.reported_in", row, row.place_code, person_ref=row.person_id) for row in rows]
    )
    return len(rows)


@dataclass(frozen=True, kw_only=True)
class PastCallup:
    """A call-up that is over: its positions' shifts, each an activity of one session (kind "vanguard")."""

    key: UUID
    place_code: str
    name: str
    unit_id: int
    starts_on: dt.date
    ends_on: dt.date
    made_at: dt.datetime
    ended_at: dt.datetime
    shifts: Sequence[PastSession] = ()


@transaction.atomic
def bring_callups(*, actor: Actor, callups: Sequence[PastCallup]) -> int:
    """Bring them in with their shifts and who was there, all or none; gives how many are new."""
    _platform(actor)
    known = set(Callup.objects.filter(key__in=[one.key for one in callups]).values_list("key", flat=True))
    fresh = [one for one in callups if one.key not in known]
    if not fresh:
        return 0
    rows = [
        Callup(
            pk=number, key=one.key, place_code=one.place_code, name=one.name, unit_id=one.unit_id, starts_on=one.starts_on,
            ends_on=one.ends_on, made_at=one.made_at, ended_at=one.ended_at,
        )
        for number, one in zip(take_numbers(Callup, len(fresh)), fresh, strict=True)
    ]  # fmt: skip
    copy_rows(rows)
    record_many(
        actor, [Act("vanguard.called_up", row, row.place_code, {"name": [None, row.name]}) for row in rows]
    )
    sessions = bring_sessions(actor=actor, cases=[shift for one in fresh for shift in one.shifts])
    copy_rows(
        [
            Position(
                callup=row,
                activity_id=sessions[shift.key].activity_id,
                place_code=sessions[shift.key].place_code,
            )
            for row, one in zip(rows, fresh, strict=True)
            for shift in one.shifts
        ]
    )
    return len(rows)


@transaction.atomic
def bring_days(*, actor: Actor, cases: Sequence[PastSession], projects: dict[UUID, int]) -> int:
    """Sessions of service of members (kind "vanguard"); those named in `projects` count among a project. Gives how many there
    are, those known before included."""
    _platform(actor)
    if any(case.new.kind != SHIFT for case in cases):
        raise ValueError(f"a service day of members is an activity of kind {SHIFT}")
    sessions = bring_sessions(actor=actor, cases=cases)
    known = set(
        ProjectActivity.objects.filter(activity__key__in=projects).values_list("activity__key", flat=True)
    )
    places = dict(Project.objects.filter(pk__in=set(projects.values())).values_list("pk", "place_code"))
    copy_rows(
        [
            ProjectActivity(
                project_id=project, activity_id=sessions[key].activity_id, place_code=places[project]
            )
            for key, project in projects.items()
            if key in sessions and key not in known
        ]
    )
    return len(sessions)


@dataclass(frozen=True, kw_only=True)
class PastWish:
    """A wish by its steps. `member_id`: who has it in hand or did it; None while nobody has."""

    matter: PastMatter
    member_id: int | None = None
    helped: str = ""


def bring_wishes(*, actor: Actor, wishes: Sequence[PastWish]) -> Brought:
    """Bring wishes in, each through its law; wrong ones are told by row and left out."""
    _platform(actor)
    own = {one.matter.new.key: one for one in wishes}

    def written(portion: Sequence[tuple[PastMatter, Matter]]) -> None:
        copy_rows(
            [
                Wish(
                    matter=matter, member_id=own[past.new.key].member_id, helped=own[past.new.key].helped,
                    person_has_phone=past.new.reporter_id is not None,
                )
                for past, matter in portion
            ]
        )  # fmt: skip

    if any(one.matter.new.kind != KIND for one in wishes):
        raise ValueError(f"a wish is a matter of kind {KIND}")
    return bring_past(actor=actor, cases=[one.matter for one in wishes], written=written)
