"""Part-time commissioners by five steps: recommended, screened, approved, appointed (the seat itself, in the same transaction), made
public. Nobody takes a step about themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.laws import Transition
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.organisations.services import appoint
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import find_persons
from doorstep.kernel.people.services import register_person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import rules
from doorstep.modules.partnership.committee import PART_TIME
from doorstep.modules.partnership.models import Nomination
from doorstep.modules.partnership.numbers import PUBLIC_DAYS, SEATS, number_on
from doorstep.modules.partnership.policies import acting_units
from doorstep.modules.partnership.selectors import community_unit, is_partner
from doorstep.modules.partnership.states import LAW, OPEN
from doorstep.modules.partnership.telling import SEAT, SEATED
from doorstep.modules.partnership.texts import plain

KIND = "nomination"
UNTIL_SEATED = ("recommended", "returned", "screened", "approved", "appointed")


@dataclass(frozen=True, kw_only=True)
class NewNomination:
    """Whom a unit or the community recommends for a seat from `valid_from` to the day before `valid_to`.

    person_id: somebody on record whom the actor sees; else `name` (and `phone`), registered with the recommendation.
    """

    place_code: str
    unit_id: int
    affiliation: str
    valid_from: dt.date
    valid_to: dt.date
    has_vote: bool = False
    person_id: int | None = None
    name: str = ""
    phone: str = ""
    why: str = ""
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def recommend(*, actor: Actor, new: NewNomination) -> Nomination:
    """Recommend somebody of a partner unit; exactly once for its key. By who acts for the unit, or by the community's committee.

    Raises NotVisible, NotAllowed; RuleViolation naming the field: no partner unit at the time, a period that cannot be, somebody who
    has a seat or is proposed already.
    """
    community = community_unit(new.place_code)
    if community is None:
        raise NotVisible(_("没有找到这个社区的党组织。"), field="place_code")
    by_unit = _may_recommend(actor, new, community)
    locked_units({community.unit_id})
    known = Nomination.objects.filter(matter__key=new.key).first()
    if known is not None:
        return known
    _check(new, community)
    person = _person(actor, new, community)
    _check_not_twice(person, community.unit_id, new)
    opened = matters.open_matter(
        actor=actor,
        new=matters.NewMatter(
            kind=KIND, place_code=community.place_code, source="unit", key=new.key, reporter_id=actor.person_id,
            holder_id=community.unit_id, text=plain(new.why, "why", _("推荐理由"), 500, required=False),
            title=(_("%(unit)s推荐的兼职委员人选") % {"unit": last_names([new.unit_id]).get(new.unit_id, "")})[:80], data={"person": person.pk, "unit": new.unit_id},
        ),
    )  # fmt: skip
    return Nomination.objects.create(
        matter=opened.matter, person=person, unit_id=new.unit_id, community_id=community.unit_id,
        place_code=community.place_code, recommended_by="unit" if by_unit else "community", has_vote=new.has_vote,
        affiliation=plain(new.affiliation, "affiliation", _("组织关系所在党组织"), 120), valid_from=new.valid_from,
        valid_to=new.valid_to,
    )  # fmt: skip


def _may_recommend(actor: Actor, new: NewNomination, community: UnitVersion) -> bool:
    """Whether the unit itself recommends. Raises NotAllowed or NotVisible for whoever is neither."""
    if new.unit_id in acting_units(actor):
        return True
    if actor.holds(OPEN, community.place_code):
        return False
    if actor.stands_near(community.place_code):
        raise NotAllowed(_("兼职委员由共建单位或者社区党组织推荐。"))
    raise NotVisible(_("没有找到这个社区的党组织。"))


def _check(new: NewNomination, community: UnitVersion) -> None:
    if rules.period_fault(new.valid_from, new.valid_to) == "order":
        raise RuleViolation(_("任期的止日须晚于起日。"), field="valid_to")
    if rules.period_fault(new.valid_from, new.valid_to):
        raise RuleViolation(
            _("任期最长 %(n)d 年，与社区党组织的一届相同。") % {"n": rules.LONGEST_YEARS}, field="valid_to"
        )
    if new.valid_to <= clock.today():
        raise RuleViolation(_("任期已经过去，请写今后的任期。"), field="valid_to")
    if not is_partner(new.unit_id, community.place_code, max(new.valid_from, clock.today())):
        name = last_names([new.unit_id]).get(new.unit_id, "")
        raise RuleViolation(
            _("%(unit)s任期开始那天与这个社区（或者所在街道）没有共建协议，请先签协议。") % {"unit": name},
            field="unit",
        )


def _person(actor: Actor, new: NewNomination, community: UnitVersion) -> Person:
    if new.person_id is not None:
        rows = policy_for(Person).visible_to(actor).filter(pk=new.person_id, erased_at__isnull=True)
        person: Person | None = rows.first()
        if person is None:
            raise NotVisible(_("没有找到这个人。"), field="person")
        return person
    if not new.name.strip():
        raise RuleViolation(_("请写人选的姓名，或者选一个登记过的人。"), field="name")
    if new.phone and actor.holds(OPEN, community.place_code):
        known: Person | None = find_persons(actor, new.phone).filter(name=new.name.strip()).first()
        if known is not None:
            return known
    # who acts for a unit keeps no register of people: the recommendation brings the person in
    return register_person(
        actor=system_actor("partnership.recommend"),
        name=new.name,
        place_code=community.place_code,
        phone=new.phone,
    )


def _check_not_twice(person: Person, community_id: int, new: NewNomination) -> None:
    open_ = Nomination.objects.filter(
        person=person, community_id=community_id, matter__state__in=UNTIL_SEATED
    )
    if open_.exists():
        raise RuleViolation(_("%(name)s已经被推荐，正在办理。") % {"name": person.name}, field="person")
    held = Appointment.objects.filter(person=person, unit_id=community_id, post=PART_TIME)
    for row in held:
        if row.valid_to is None or row.valid_to > new.valid_from:
            raise RuleViolation(
                _("%(name)s已是这里的兼职委员，新的任期从原任期结束起算。") % {"name": person.name},
                field="valid_from",
            )


def screen(
    *, actor: Actor, matter_id: int, note: str = "", expected_version: int | None = None
) -> Nomination:
    """The community's committee has looked at the person and passes the name on to the street."""
    return _step(actor, matter_id, "screen", expected_version, note=note)


def approve(
    *, actor: Actor, matter_id: int, document: str, note: str = "", expected_version: int | None = None
) -> Nomination:
    """The street's working committee approves, on a document."""
    paper = plain(document, "document", _("批准文号"), 80)
    return _step(actor, matter_id, "approve", expected_version, note=note, data={"document": paper})


def take_step(
    *, actor: Actor, matter_id: int, name: str, note: str = "", expected_version: int | None = None
) -> Nomination:
    """Send back, decline, recommend again or withdraw, with words where the law asks for them."""
    if name not in ("return", "return_up", "decline", "recommend", "withdraw"):
        raise RuleViolation(_("没有这一步。请刷新页面后重试。"))
    return _step(actor, matter_id, name, expected_version, note=note)


@transaction.atomic
def appoint_commissioner(
    *, actor: Actor, matter_id: int, note: str = "", expected_version: int | None = None
) -> Nomination:
    """Give the seat: the kernel's appointment, with or without a vote, from the day agreed (today where that has passed).

    Raises RuleViolation where all seats of the community are taken on some day of the period, or the unit has left meanwhile.
    """
    row = _locked(actor, matter_id, "appoint")
    matters.check_version(row.matter, expected_version)
    locked_units({row.community_id})
    start = max(row.valid_from, clock.today())
    if start >= row.valid_to:
        raise RuleViolation(_("任期已经过去，不能再聘任；请撤回后重新推荐。"), field="valid_from")
    if not is_partner(row.unit_id, row.place_code, start):
        raise RuleViolation(_("人选所在单位与这里已没有共建协议，不能聘任。"), field="unit")
    _check_seats(row, start)
    seat = appoint(
        actor=actor, person_id=row.person_id, post=PART_TIME, unit_id=row.community_id, valid_from=start,
        valid_to=row.valid_to, full_time=False, has_vote=row.has_vote, document=row.document,
    )  # fmt: skip
    matters.apply_transition(
        actor=actor,
        matter_id=matter_id,
        name="appoint",
        inputs=Inputs(note=note, data={"appointment": seat.pk}),
    )
    row.appointment = seat
    row.save(update_fields=["appointment"])
    tell_persons(actor, [ToldPerson(row.person_id, SEAT, row.pk, SEATED)])
    return _fresh(row)


def _check_seats(row: Nomination, start: dt.date) -> None:
    most = number_on(SEATS, start)
    held = Appointment.objects.filter(
        unit_id=row.community_id, post=PART_TIME, substitute_for=None, valid_from__lt=row.valid_to
    )
    periods = [
        (begin, end)
        for begin, end in held.values_list("valid_from", "valid_to")
        if end is None or end > start
    ]
    if rules.seats_taken(periods, start, row.valid_to) >= most:
        raise RuleViolation(
            _("这个社区的兼职委员已满 %(most)d 名，有人离任后才能再聘任。") % {"most": most},
            clause=_("名额见规则数值"),
        )


@transaction.atomic
def publicise(*, actor: Actor, matter_id: int, expected_version: int | None = None) -> Nomination:
    """Publish the notice, dated: name, unit, community, with or without a vote; for as many days as the number in force says.

    Raises RuleViolation for a seat that was taken back or is over.
    """
    row = _locked(actor, matter_id, "publicise")
    matters.check_version(row.matter, expected_version)
    today = clock.today()
    seat = row.appointment
    if row.matter.state == "appointed" and (
        seat is None or (seat.valid_to is not None and seat.valid_to <= today)
    ):
        raise RuleViolation(_("席位已收回或者已到期，不用公示。"))
    until = today + dt.timedelta(days=number_on(PUBLIC_DAYS, today))
    matters.apply_transition(
        actor=actor,
        matter_id=matter_id,
        name="publicise",
        inputs=Inputs(data={"shown_until": until.isoformat()}),
    )
    row.published_on, row.public_until = today, until
    row.save(update_fields=["published_on", "public_until"])
    return _fresh(row)


@transaction.atomic
def _step(
    actor: Actor, matter_id: int, name: str, expected_version: int | None, *, note: str = "",
    data: dict[str, object] | None = None,
) -> Nomination:  # fmt: skip
    row = _locked(actor, matter_id, name)
    given = dict(data or {})
    if name == "screen":
        given["nominee"] = row.person_id
    matters.apply_transition(
        actor=actor, matter_id=matter_id, name=name, inputs=Inputs(note=note, data=given),
        expected_version=expected_version,
    )  # fmt: skip
    if "document" in given:
        row.document = str(given["document"])
        row.save(update_fields=["document"])
    return _fresh(row)


def may_take(actor: Actor, row: Nomination, step: Transition) -> bool:
    """About themselves nobody takes a step but what the law leaves to who recommended them: themselves."""
    if actor.person_id is None or actor.person_id != row.person_id:
        return True
    return row.matter.reporter_id == actor.person_id and "reporter" in step.parts


def _locked(actor: Actor, matter_id: int, name: str) -> Nomination:
    """The nomination, locked for a step of its law. Raises NotVisible, or NotAllowed for the person it is about."""
    seen = policy_for(Nomination).visible_to(actor).filter(pk=matter_id)
    if not seen.exists():
        raise NotVisible(_("没有找到这名人选。"))
    row = (
        Nomination.objects.select_for_update(of=("self",))
        .select_related("matter", "person")
        .get(pk=matter_id)
    )
    if not may_take(actor, row, LAW.by_name[name]):
        raise NotAllowed(_("不能由本人办理本人的人选。"))
    return row


def _fresh(row: Nomination) -> Nomination:
    return Nomination.objects.select_related("matter", "person", "appointment").get(pk=row.pk)
