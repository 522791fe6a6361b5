"""What was agreed, met and done in the past, many at once, for the platform: every rule of the database holds as it does for one, and
commissioners and resolutions walk through their laws. What is known by its key or document is passed over, so a load that was cut off
goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.services_past import PastSession, bring_sessions
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services_past import PastMatter, bring_past
from doorstep.kernel.obligations.models import Minutes, Proof
from doorstep.kernel.obligations.services_linking import link
from doorstep.kernel.obligations.services_minutes import NewMinutes
from doorstep.kernel.obligations.services_past import bring_minutes
from doorstep.kernel.obligations.services_supervision import settle, unsettled
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services_bulk import NewAppointment, appoint_many
from doorstep.kernel.shared.copying import copy_rows, take_numbers
from doorstep.modules.partnership import rules
from doorstep.modules.partnership.committee import PART_TIME
from doorstep.modules.partnership.models import (
    Agreement,
    Consultation,
    Deed,
    Gathering,
    Nomination,
    Pairing,
    PlanItem,
    Resolution,
    Topic,
)
from doorstep.modules.partnership.models_meetings import TAKEN, Held
from doorstep.modules.partnership.numbers import majority_on
from doorstep.modules.partnership.proofs import JOINT_ACTIVITY
from doorstep.modules.partnership.selectors import community_unit
from doorstep.modules.partnership.services import NewAgreement
from doorstep.modules.partnership.services_resolutions import Tally


def _require_platform(actor: Actor) -> None:
    if not actor.is_system:
        raise PermissionError("what partners did in the past comes in by the platform")


@transaction.atomic
def bring_agreements(*, actor: Actor, agreements: Sequence[NewAgreement]) -> int:
    """Gives how many are new. Raises PermissionError for anybody but the platform, ExclusionViolation for two at one time."""
    _require_platform(actor)
    known = set(Agreement.objects.values_list("unit_id", "place_code", "document"))
    rows = [
        Agreement(
            unit_id=new.unit_id, place_code=new.place_code, valid_from=new.valid_from, valid_to=new.valid_to,
            about=new.about, document=new.document,
        )
        for new in agreements
        if (new.unit_id, new.place_code, new.document) not in known
    ]  # fmt: skip
    _copied(rows, Agreement)
    record_many(
        actor,
        [Act("partnership.signed", row, row.place_code, {"unit_id": [None, row.unit_id]}) for row in rows],
    )
    return len(rows)


@dataclass(frozen=True, kw_only=True)
class PastCommissioner:
    """A commissioner as the office's papers tell it. `case`: the way there, whose step `appoint` has the number 0 of the seat, which is
    given here."""

    case: PastMatter
    person_id: int
    unit_id: int
    community_id: int
    affiliation: str
    has_vote: bool
    valid_from: dt.date
    valid_to: dt.date
    document: str
    published_on: dt.date
    public_until: dt.date


@transaction.atomic
def bring_commissioners(*, actor: Actor, cases: Sequence[PastCommissioner]) -> int:
    """All or none; gives how many are new. Raises PermissionError, and ValueError telling the first case that its law refuses."""
    _require_platform(actor)
    keys = set(
        Matter.objects.filter(key__in=[one.case.new.key for one in cases]).values_list("key", flat=True)
    )
    fresh = [one for one in cases if one.case.new.key not in keys]
    seats = appoint_many(
        actor=actor,
        appointments=[
            NewAppointment(
                person_id=one.person_id, post=PART_TIME, unit_id=one.community_id, valid_from=one.valid_from,
                valid_to=one.valid_to, full_time=False, has_vote=one.has_vote, document=one.document,
            )
            for one in fresh
        ],
    )  # fmt: skip
    seated: dict[UUID, tuple[PastCommissioner, Appointment]] = {}
    for one, seat in zip(fresh, seats, strict=True):
        for step in one.case.steps:
            if step.name == "appoint":
                step.inputs.data["appointment"] = seat.pk  # type: ignore[index]  # made here, a dict
        seated[one.case.new.key] = one, seat

    def written(portion: Sequence[tuple[PastMatter, Matter]]) -> None:
        Nomination.objects.bulk_create(_nomination(matter, *seated[past.new.key]) for past, matter in portion)

    _bring(actor, [one.case for one in fresh], written)
    return len(fresh)


def _nomination(matter: Matter, one: PastCommissioner, seat: Appointment) -> Nomination:
    return Nomination(
        matter=matter, person_id=one.person_id, unit_id=one.unit_id, community_id=one.community_id,
        place_code=matter.place_code, recommended_by="unit", affiliation=one.affiliation, has_vote=one.has_vote,
        valid_from=one.valid_from, valid_to=one.valid_to, document=one.document, appointment=seat,
        published_on=one.published_on, public_until=one.public_until,
    )  # fmt: skip


def _bring(actor: Actor, cases: Sequence[PastMatter], written: object) -> None:
    brought = bring_past(actor=actor, cases=cases, whole=True, written=written)  # type: ignore[arg-type]  # as it is called
    if brought.problems:
        raise ValueError(str(brought.problems[0].message))


@dataclass(frozen=True, kw_only=True)
class PastTopic:
    """A topic that was taken up."""

    key: UUID
    unit_id: int
    title: str
    brought_by_id: int | None
    screened_by_id: int | None


@dataclass(frozen=True, kw_only=True)
class PastResolution:
    """`case.called` names the unit responsible first. `tally`: where the papers tell it."""

    number: int
    case: PastMatter
    topic: UUID | None = None
    tally: Tally | None = None


@dataclass(frozen=True, kw_only=True)
class PastMeeting:
    """A consultation meeting that was held, with what was brought and what it resolved."""

    title: str
    called_at: dt.datetime
    topics_until: dt.date
    minutes: NewMinutes
    called_by_id: int | None = None
    topics: Sequence[PastTopic] = ()
    resolutions: Sequence[PastResolution] = field(default_factory=tuple)


@transaction.atomic
def bring_meetings(*, actor: Actor, meetings: Sequence[PastMeeting], since: dt.date) -> int:
    """All or none; gives how many are new. A meeting is known by the key of its minutes. Raises as `bring_minutes`, and ValueError for
    resolutions of a meeting without quorum or against the votes."""
    _require_platform(actor)
    bring_minutes(actor=actor, cases=[one.minutes for one in meetings], since=since)
    kept = {row.key: row for row in Minutes.objects.filter(key__in=[one.minutes.key for one in meetings])}
    known = set(Consultation.objects.filter(key__in=kept).values_list("key", flat=True))
    fresh = [one for one in meetings if one.minutes.key not in known]
    rows = []
    for one in fresh:
        minutes = kept[one.minutes.key]
        if one.resolutions and not minutes.quorate:
            raise ValueError(f"{one.minutes.key}: resolved without quorum")
        _check_votes(minutes, one.resolutions)
        rows.append(
            Consultation(
                key=minutes.key, unit_id=minutes.unit_id, place_code=minutes.place_code, title=one.title,
                starts_at=minutes.starts_at, ends_at=minutes.ends_at, where=minutes.where, topics_until=one.topics_until,
                called_by_id=one.called_by_id, called_at=one.called_at, notified_at=one.called_at, minutes=minutes,
            )
        )  # fmt: skip
    _copied(rows, Consultation)
    topics = [
        Topic(
            key=topic.key, consultation=row, unit_id=topic.unit_id, place_code=row.place_code, title=topic.title,
            brought_by_id=topic.brought_by_id, brought_at=one.called_at + dt.timedelta(days=3), state=TAKEN,
            screened_by_id=topic.screened_by_id, screened_at=one.called_at + dt.timedelta(days=9),
        )
        for one, row in zip(fresh, rows, strict=True)
        for topic in one.topics
    ]  # fmt: skip
    _copied(topics, Topic)
    record_many(actor, [Act("partnership.consultation_called", row, row.place_code) for row in rows])
    _bring_resolutions(actor, fresh, kept, {topic.key: topic for topic in topics})
    return len(rows)


def _check_votes(minutes: Minutes, resolutions: Sequence[PastResolution]) -> None:
    share = majority_on(minutes.day)
    for each in resolutions:
        if each.tally is None:
            continue
        fault = rules.tally_fault(
            each.tally.votes_for, each.tally.against, each.tally.abstained, minutes.present, minutes.entitled, share
        )  # fmt: skip
        if fault:
            raise ValueError(f"{minutes.key}: votes {fault}")


def _bring_resolutions(
    actor: Actor, meetings: Sequence[PastMeeting], kept: dict[UUID, Minutes], topics: dict[UUID, Topic]
) -> None:
    told = {each.case.new.key: (each, kept[one.minutes.key]) for one in meetings for each in one.resolutions}

    def written(portion: Sequence[tuple[PastMatter, Matter]]) -> None:
        Resolution.objects.bulk_create(
            Resolution(
                matter=matter, minutes=told[past.new.key][1], number=told[past.new.key][0].number,
                topic=topics.get(told[past.new.key][0].topic) if told[past.new.key][0].topic else None,  # type: ignore[arg-type]  # a key
                unit_id=past.called[0][0], place_code=matter.place_code, **_votes_of(told[past.new.key][0]),
            )
            for past, matter in portion
        )  # fmt: skip

    _bring(actor, [each.case for each, _minutes in told.values()], written)


def _votes_of(each: PastResolution) -> dict[str, int]:
    return each.tally.columns() if each.tally is not None else {}


@dataclass(frozen=True, kw_only=True)
class PastGathering:
    """A joint activity that was held and confirmed (kind "joint"), with the partner units that took part."""

    session: PastSession
    unit_ids: Sequence[int]


@transaction.atomic
def bring_gatherings(*, actor: Actor, gatherings: Sequence[PastGathering]) -> int:
    """All or none, as proof of what their communities owe; gives how many are new."""
    _require_platform(actor)
    sessions = bring_sessions(actor=actor, cases=[one.session for one in gatherings])
    ids = [session.activity_id for session in sessions.values()]
    known = set(Gathering.objects.filter(activity__in=ids).values_list("activity_id", flat=True))
    fresh = [one for one in gatherings if sessions[one.session.key].activity_id not in known]
    rows = [
        Gathering(
            activity_id=sessions[one.session.key].activity_id, place_code=sessions[one.session.key].place_code
        )
        for one in fresh
    ]
    _copied(rows, Gathering)
    through = Gathering.units.through
    through.objects.bulk_create(
        through(gathering_id=row.pk, unit_id=unit)
        for row, one in zip(rows, fresh, strict=True)
        for unit in one.unit_ids
    )
    held = [sessions[one.session.key] for one in fresh]
    owing = {code: community_unit(code) for code in {session.place_code[:12] for session in held}}
    proofs, proved = [], []
    for session in held:
        unit = owing[session.place_code[:12]]
        if unit is None:
            continue
        proof = Proof(kind=JOINT_ACTIVITY, unit_id=unit.unit_id, place_code=unit.place_code, day=session.day)
        proofs.append(proof)
        proved.append(Held(session=session, proof=proof, place_code=unit.place_code))
    _copied(proofs, Proof)
    for row in proved:
        row.proof_id = row.proof.pk
    _copied(proved, Held)
    record_many(actor, [Act("partnership.held", row, row.place_code) for row in proved])
    link()
    settle(unsettled())
    return len(rows)


@dataclass(frozen=True, kw_only=True)
class PastItem:
    """An item of a plan; `key` tells it within its pairing."""

    key: str
    what: str
    due_on: dt.date


@dataclass(frozen=True, kw_only=True)
class PastDeed:
    """`item`: the key of an item of the same pairing."""

    key: UUID
    kind: str
    day: dt.date
    what: str
    people: int
    recorded_by_id: int
    recorded_at: dt.datetime
    confirmed_by_id: int | None = None
    confirmed_at: dt.datetime | None = None
    item: str = ""


@dataclass(frozen=True, kw_only=True)
class PastPairing:
    """A pairing with its plan and what was done."""

    department_id: int
    community_id: int
    place_code: str
    valid_from: dt.date
    valid_to: dt.date
    aim: str
    document: str
    items: Sequence[PastItem] = ()
    deeds: Sequence[PastDeed] = ()


@transaction.atomic
def bring_pairings(*, actor: Actor, pairings: Sequence[PastPairing]) -> int:
    """All or none; gives how many are new. One is known by its document."""
    _require_platform(actor)
    known = set(Pairing.objects.values_list("document", flat=True))
    fresh = [one for one in pairings if one.document not in known]
    rows = [
        Pairing(
            department_id=one.department_id, community_id=one.community_id, place_code=one.place_code,
            valid_from=one.valid_from, valid_to=one.valid_to, aim=one.aim, document=one.document,
        )
        for one in fresh
    ]  # fmt: skip
    _copied(rows, Pairing)
    items = {
        (row.pk, item.key): PlanItem(
            pairing=row, place_code=row.place_code, what=item.what, due_on=item.due_on
        )
        for one, row in zip(fresh, rows, strict=True)
        for item in one.items
    }
    _copied(list(items.values()), PlanItem)
    deeds = [
        Deed(
            key=deed.key, pairing=row, item=items.get((row.pk, deed.item)), place_code=row.place_code, kind=deed.kind,
            day=deed.day, what=deed.what, people=deed.people, recorded_by_id=deed.recorded_by_id,
            recorded_at=deed.recorded_at, confirmed_by_id=deed.confirmed_by_id, confirmed_at=deed.confirmed_at,
        )
        for one, row in zip(fresh, rows, strict=True)
        for deed in one.deeds
    ]  # fmt: skip
    _copied(deeds, Deed)
    record_many(actor, [Act("partnership.paired", row, row.place_code) for row in rows])
    record_many(actor, [Act("partnership.deed_recorded", deed, deed.place_code) for deed in deeds])
    return len(rows)


def _copied(rows: Sequence[object], model: object) -> None:
    """Numbered and written by COPY."""
    for number, row in zip(take_numbers(model, len(rows)), rows, strict=True):  # type: ignore[arg-type]  # a model's class
        row.pk = number  # type: ignore[attr-defined]  # a row of that model
    copy_rows(rows)  # type: ignore[arg-type]  # rows of one model
