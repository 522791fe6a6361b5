"""Founding units and appointing people, one or thousands: the same rules, a fixed number of statements per thousand."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.organisations import refusals, rules
from doorstep.kernel.organisations.kinds import ADMINISTRATION_POSTS, POSTS, UNIT_KINDS
from doorstep.kernel.organisations.models import Appointment, AppointmentPlace, Unit, UnitLineage, UnitVersion
from doorstep.kernel.organisations.policies import (
    APPOINT_ADMINISTRATORS,
    adjust_capability,
    appoint_capability,
)
from doorstep.kernel.organisations.reach import follows_coverage
from doorstep.kernel.people import policies as _policies  # noqa: F401  registers who sees persons
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, Refused, RuleViolation
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.shared.place_codes import is_code, level_of

BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class NewUnit:
    """A unit to be founded. `superior_id` must exist on the founding day; codes may be written with spaces."""

    kind: str
    name: str
    place_code: str
    founded_on: dt.date
    document: str = ""
    approved_by: str = ""
    superior_id: int | None = None
    credit_code: str = ""
    phone: str = ""
    hours: str = ""
    address: str = ""
    note: str = ""
    came_from_id: int | None = None  # the unit it was split from


@dataclass(frozen=True, kw_only=True)
class NewAppointment:
    """A person to be put in a post of a unit from `valid_from` to the day before `valid_to` (None: open).

    `places` are the appointment's own codes; empty means the unit's place. `substitute_for_id` names the
    appointment a substitute stands in for.
    """

    person_id: int
    post: str
    unit_id: int
    valid_from: dt.date
    valid_to: dt.date | None = None
    places: tuple[str, ...] = ()
    full_time: bool = True
    has_vote: bool = True
    document: str = ""
    substitute_for_id: int | None = None


@transaction.atomic
def found_units(*, actor: Actor, units: Sequence[NewUnit]) -> list[Unit]:
    """Found them all or none; returns them in order. Raises Refused, naming the row when there are several."""
    superiors = locked_units({new.superior_id for new in units if new.superior_id is not None})
    gates = _Gates(actor)
    known = known_places({new.place_code for new in units})
    names: list[str] = []
    codes: list[str] = []
    for index, new in enumerate(units):
        with _row(index, len(units), new.name):
            _check_unit(new, gates, known, superiors)
            names.append(refusals.check_name(new.name))
            codes.append(refusals.check_credit_code(new.credit_code))
    _check_codes_free(units, codes)
    with refusals.constraints_in_words():
        made = Unit.objects.bulk_create(
            [
                Unit(kind=new.kind, credit_code=code, founded_on=new.founded_on)
                for new, code in zip(units, codes, strict=True)
            ],
            batch_size=BATCH,
        )
        UnitVersion.objects.bulk_create(
            [_first_version(unit, new, name) for unit, new, name in zip(made, units, names, strict=True)],
            batch_size=BATCH,
        )
    _write_foundings(actor, made, units, names)
    return made


def _check_unit(new: NewUnit, gates: _Gates, known: set[str], superiors: dict[int, Unit]) -> None:
    if new.kind not in UNIT_KINDS:
        raise RuleViolation(_("没有这种单位类型：%(kind)s。") % {"kind": new.kind}, field="kind")
    gates.require(adjust_capability(new.kind), new.place_code)
    refusals.check_day(new.founded_on, "founded_on")
    refusals.check_document(new.kind, new.document)
    check_place(new.kind, new.place_code, known)
    if new.superior_id is not None:
        check_superior(superiors.get(new.superior_id), new.founded_on)


def check_place(kind: str, place_code: str, known: set[str]) -> None:
    """Raises RuleViolation where no such place is on record, or a unit of this kind cannot stand there."""
    if place_code not in known:
        raise RuleViolation(_("没有代码为 %(code)s 的地方。") % {"code": place_code}, field="place_code")
    if not rules.level_fits(kind, level_of(place_code)):
        raise RuleViolation(
            _("%(kind)s不能设在这一级地方（%(code)s）。") % {"kind": UNIT_KINDS[kind], "code": place_code},
            field="place_code",
        )


def check_superior(superior: Unit | None, from_day: dt.date) -> None:
    """Raises RuleViolation unless the superior exists on `from_day` and ever after."""
    if superior is None:
        raise RuleViolation(_("没有找到上级单位。"), field="superior")
    if from_day < superior.founded_on:
        raise RuleViolation(
            _("上级单位 %(day)s 才成立，不能更早隶属于它。") % {"day": superior.founded_on.isoformat()},
            field="superior",
        )
    if superior.ended_on is not None:
        raise RuleViolation(
            _("上级单位自 %(day)s 起撤销，请另选上级。") % {"day": superior.ended_on.isoformat()},
            field="superior",
        )


def _check_codes_free(units: Sequence[NewUnit], codes: Sequence[str]) -> None:
    """One living unit of a kind per credit code."""
    wanted = [(code, new.kind) for new, code in zip(units, codes, strict=True)]
    used = [pair for pair in wanted if pair[0]]
    if not used:
        return
    existing = UnitVersion.objects.filter(
        unit__credit_code__in=[code for code, _kind in used], unit__ended_on__isnull=True
    ).order_by("valid_from")
    holders = {
        (code, kind): name for code, kind, name in existing.values_list("unit__credit_code", "kind", "name")
    }
    seen: set[tuple[str, str]] = set()
    for index, (new, pair) in enumerate(zip(units, wanted, strict=True)):
        if pair[0] and (pair in holders or pair in seen):
            with _row(index, len(units), new.name):
                raise RuleViolation(
                    _("统一社会信用代码 %(code)s 已由“%(name)s”使用。")
                    % {"code": pair[0], "name": holders.get(pair, new.name)},
                    field="credit_code",
                )
        seen.add(pair)


def _first_version(unit: Unit, new: NewUnit, name: str) -> UnitVersion:
    return UnitVersion(
        unit=unit, kind=new.kind, valid_from=new.founded_on, place_code=new.place_code,
        superior_id=new.superior_id, approved_by=new.approved_by.strip(), document=new.document.strip(),
        phone=new.phone.strip(), hours=new.hours.strip(), address=new.address.strip(), **name_keys(name),
    )  # fmt: skip


def _write_foundings(actor: Actor, made: list[Unit], units: Sequence[NewUnit], names: list[str]) -> None:
    rows = list(zip(made, units, names, strict=True))
    UnitLineage.objects.bulk_create(
        [
            UnitLineage(
                unit=unit, other_id=new.came_from_id, kind="established", effective_on=new.founded_on,
                document=new.document.strip(), note=new.note,
            )
            for unit, new, _name in rows
        ],
        batch_size=BATCH,
    )  # fmt: skip
    record_many(
        actor,
        (
            Act(
                action="organisations.founded", obj=unit, place_code=new.place_code,
                changes={
                    "name": [None, name], "place_code": [None, new.place_code], "kind": [None, new.kind],
                    "superior_id": [None, new.superior_id], "effective_on": new.founded_on.isoformat(),
                    "document": new.document, "lock_version": [0, 1],
                },
            )
            for unit, new, name in rows
        ),
    )  # fmt: skip


@transaction.atomic
def appoint_many(*, actor: Actor, appointments: Sequence[NewAppointment]) -> list[Appointment]:
    """Appoint them all or none; returns them in order. Raises Refused, naming the row when there are several.

    The units are locked first: of two people entering overlapping holders of one post, the second is told by name
    who holds it.
    """
    units = locked_units({new.unit_id for new in appointments})
    work = _AppointmentCheck(actor, appointments, units)
    rows: list[Appointment] = []
    for index, new in enumerate(appointments):
        with _row(index, len(appointments), work.person_name(new.person_id)):
            rows.append(work.checked(new))
    with refusals.constraints_in_words():
        made = Appointment.objects.bulk_create(rows, batch_size=BATCH)
        AppointmentPlace.objects.bulk_create(
            [
                AppointmentPlace(appointment=row, code=code)
                for row, new in zip(made, appointments, strict=True)
                for code in sorted(set(new.places))
            ],
            batch_size=BATCH,
        )
    record_many(actor, (appointed_act(row, new.places) for row, new in zip(made, appointments, strict=True)))
    return made


def appointed_act(row: Appointment, places: Iterable[str]) -> Act:
    return Act(
        action="organisations.substituted" if row.substitute_for_id else "organisations.appointed",
        obj=row, place_code=row.place_code, person_ref=row.person_id,
        changes={
            "unit_id": [None, row.unit_id], "post": [None, row.post], "places": [None, sorted(set(places))],
            "valid_from": [None, row.valid_from.isoformat()],
            "valid_to": [None, row.valid_to.isoformat() if row.valid_to else None],
            "substitute_for": row.substitute_for_id,
        },
        words={"document": row.document},
    )  # fmt: skip


@dataclass
class _AppointmentCheck:
    """The rows that many appointments are checked against, read at once."""

    actor: Actor
    appointments: Sequence[NewAppointment]
    units: dict[int, Unit]
    held: dict[int, list[Appointment]] = field(default_factory=lambda: defaultdict(list))
    versions: dict[int, list[UnitVersion]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.gates = _Gates(self.actor)
        persons = {new.person_id for new in self.appointments}
        self.people = self._people(persons)
        codes = {code for new in self.appointments for code in new.places}
        self.known = known_places(codes)
        # locked, so that nobody is appointed to a grid that is just being split or merged
        grids = Grid.objects.select_for_update(no_key=True).filter(code__in=codes).order_by("code")
        self.grids = {grid.code: grid for grid in grids}
        for version in UnitVersion.objects.filter(unit_id__in=self.units):
            self.versions[version.unit_id].append(version)
        for row in Appointment.objects.filter(unit_id__in=self.units).select_related("person"):
            self.held[row.unit_id].append(row)
        self.administrators = list(
            Appointment.objects.filter(post__in=ADMINISTRATION_POSTS, person_id__in=persons)
        )
        replaced = {new.substitute_for_id for new in self.appointments}
        self.replaced = Appointment.objects.in_bulk([pk for pk in replaced if pk is not None])

    def _people(self, persons: set[int]) -> dict[int, Person]:
        """Persons that exist for the actor. The administrators' posts are given over accounts, not over places."""
        rows = Person.objects.filter(erased_at__isnull=True, pk__in=persons).order_by("pk")
        if not self.actor.is_system and not self.actor.holds_somewhere(APPOINT_ADMINISTRATORS):
            rows = rows.filter(pk__in=policy_for(Person).visible_to(self.actor).values("pk"))
        # locked: an erasure under way is waited for, and one to come finds the appointment
        return {person.pk: person for person in rows.select_for_update(no_key=True, of=("self",))}

    def person_name(self, person_id: int) -> str:
        person = self.people.get(person_id)
        return person.name if person else ""

    def checked(self, new: NewAppointment) -> Appointment:
        """The appointment as it will be written. Raises Refused."""
        unit, place = self._unit_and_place(new)
        if new.post not in POSTS:
            raise RuleViolation(_("没有这个职务：%(post)s。") % {"post": new.post}, field="post")
        self._authorise(new, place)
        person = self.people.get(new.person_id)
        if person is None:
            raise NotVisible(_("没有找到这个人。"), field="person")
        if unit.kind not in POSTS[new.post].kinds:
            raise RuleViolation(
                _("%(kind)s没有%(post)s这个职务。")
                % {"kind": UNIT_KINDS[unit.kind], "post": POSTS[new.post].name},
                field="post",
            )
        self._check_period(new, unit)
        self._check_places(new, unit.kind, place)
        self._authorise_places(new)
        codes = sorted(set(new.places))
        row = Appointment(
            person=person, post=new.post, unit=unit, place_code=codes[0] if codes else place,
            valid_from=new.valid_from, valid_to=new.valid_to, full_time=new.full_time, has_vote=new.has_vote,
            sole=POSTS[new.post].sole, substitute_for_id=new.substitute_for_id, document=new.document.strip(),
        )  # fmt: skip
        self._check_free(row)
        self.held[unit.pk].append(row)
        return row

    def _unit_and_place(self, new: NewAppointment) -> tuple[Unit, str]:
        versions = self.versions.get(new.unit_id)
        if not versions:
            raise NotVisible(_("没有找到这个单位。"), field="unit")
        ordered = sorted(versions, key=lambda version: version.valid_from)
        begun = [version for version in ordered if version.valid_from <= new.valid_from]
        return self.units[new.unit_id], (begun[-1] if begun else ordered[0]).place_code

    def _authorise(self, new: NewAppointment, place: str) -> None:
        if self.actor.is_system:
            return
        if new.person_id == self.actor.person_id:
            raise NotAllowed(_("不能由本人任命本人。"), field="person")
        capability = appoint_capability(new.post)
        everywhere = bool(new.places) and all(self.actor.holds(capability, code) for code in new.places)
        if not (POSTS[new.post].carries_places and everywhere):
            self.gates.require(capability, place)

    def _authorise_places(self, new: NewAppointment) -> None:
        """A post that carries its own places is given by who answers for every one of them."""
        if not self.actor.is_system and POSTS[new.post].carries_places:
            for code in new.places:
                self.gates.require(appoint_capability(new.post), code)

    def _check_period(self, new: NewAppointment, unit: Unit) -> None:
        refusals.check_day(new.valid_from, "valid_from")
        if new.valid_to is not None and new.valid_to <= new.valid_from:
            raise RuleViolation(_("止日须晚于起日。"), field="valid_to")
        if new.substitute_for_id is not None:
            self._check_substitute(new)
        if new.valid_from < unit.founded_on:
            raise RuleViolation(
                _("单位 %(day)s 成立，任职不能更早。") % {"day": unit.founded_on.isoformat()},
                field="valid_from",
            )
        ended = unit.ended_on
        if ended is not None and (new.valid_to is None or new.valid_to > ended):
            raise RuleViolation(
                _("单位自 %(day)s 起撤销，任职须在此前结束。") % {"day": ended.isoformat()}, field="valid_to"
            )

    def _check_substitute(self, new: NewAppointment) -> None:
        replaced = self.replaced.get(new.substitute_for_id or 0)
        if new.valid_to is None:
            raise RuleViolation(_("临时代理须写明截止日期。"), field="valid_to")
        if replaced is None or (replaced.unit_id, replaced.post) != (new.unit_id, new.post):
            raise RuleViolation(_("代理的职务须与被代理人相同。"), field="post")
        if replaced.person_id == new.person_id:
            raise RuleViolation(_("不能代理自己。"), field="person")
        if new.valid_from < replaced.valid_from or (replaced.valid_to and new.valid_to > replaced.valid_to):
            raise RuleViolation(
                _("代理须在被代理人的任期之内：自 %(start)s 起，%(until)s。")
                % {"start": replaced.valid_from.isoformat(), "until": refusals.until(replaced.valid_to)},
                field="valid_from",
            )

    def _check_places(self, new: NewAppointment, kind: str, unit_place: str) -> None:
        if new.places and follows_coverage(kind, new.post):
            raise RuleViolation(
                _("%(post)s的范围就是单位覆盖的范围，随它调整，不另指定。") % {"post": POSTS[new.post].name},
                field="places",
            )
        carries = POSTS[new.post].carries_places
        fault, code = rules.appointment_places_fault(new.post, carries, unit_place, new.places)
        if fault:
            raise RuleViolation(str(refusals.PLACE_TEXTS[fault]) % {"code": code}, field="places")
        for code in new.places:
            if code not in self.known:
                raise RuleViolation(_("没有代码为 %(code)s 的地方。") % {"code": code}, field="places")
            grid = self.grids.get(code)
            if grid is not None and not grid.holds_on(new.valid_from):
                raise RuleViolation(
                    _("网格 %(code)s 在 %(day)s 不存在。")
                    % {"code": code, "day": new.valid_from.isoformat()},
                    field="places",
                )

    def _check_free(self, row: Appointment) -> None:
        check_free(row, self.held[row.unit_id])
        if row.post in ADMINISTRATION_POSTS:
            for other in self.administrators:
                if other.person_id == row.person_id and rules.overlap(period(row), period(other)):
                    raise RuleViolation(
                        refusals.CONSTRAINT_TEXTS["appointment_one_administration"], field="person"
                    )
            self.administrators.append(row)


def period(row: Appointment | UnitVersion) -> refusals.Period:
    return row.valid_from, row.valid_to


def check_free(row: Appointment, held: Iterable[Appointment]) -> None:
    """Raises RuleViolation where `row` overlaps a holder of the sole post, or the person's own same post."""
    for other in held:
        if other is row or (row.pk and other.pk == row.pk) or other.post != row.post:
            continue
        if not rules.overlap(period(row), period(other)):
            continue
        if other.person_id == row.person_id and not _beside(row, other):
            raise refusals.already_appointed(other)
        if row.sole and row.substitute_for_id is None and other.substitute_for_id is None:
            raise refusals.post_taken(other)
        if row.substitute_for_id is not None and other.substitute_for_id == row.substitute_for_id:
            raise RuleViolation(
                _("这段时间已由%(person)s代理，%(until)s。")
                % {"person": other.person.name, "until": refusals.until(other.valid_to)},
                field="valid_from",
            )


def _beside(row: Appointment, other: Appointment) -> bool:
    """May one person have both? Where the post names its places, somebody stands in for a colleague beside the own
    places; never twice for the same colleague."""
    return POSTS[row.post].carries_places and row.substitute_for_id != other.substitute_for_id


def locked_units(unit_ids: Iterable[int]) -> dict[int, Unit]:
    """The units by id, locked in order of id until the transaction ends, so that two changes never wait in a ring."""
    rows = Unit.objects.select_for_update(no_key=True).filter(pk__in=set(unit_ids)).order_by("pk")
    return {unit.pk: unit for unit in rows}


def known_places(codes: Iterable[str]) -> set[str]:
    """Which of the codes are on record as areas or grids."""
    asked = {code for code in codes if is_code(code)}
    areas = {code for code in asked if len(code) != 15}
    grids = asked - areas
    known = set(Area.objects.filter(code__in=areas).values_list("code", flat=True)) if areas else set()
    if grids:
        known |= set(Grid.objects.filter(code__in=grids).values_list("code", flat=True))
    return known


class _Gates:
    """Asks each capability and place once."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.passed: set[tuple[str, str]] = set()

    def require(self, capability: str, place_code: str) -> None:
        if (capability, place_code) not in self.passed:
            require_place(self.actor, capability, place_code)
            self.passed.add((capability, place_code))


@contextmanager
def _row(index: int, count: int, name: str) -> Iterator[None]:
    """Name the row at fault when there are several."""
    try:
        yield
    except Refused as refusal:
        if count == 1:
            raise
        text = _("第 %(number)d 行（%(name)s）：%(text)s") % {
            "number": index + 1, "name": name, "text": refusal.message,
        }  # fmt: skip
        raise type(refusal)(text, field=refusal.field, clause=refusal.clause) from refusal
