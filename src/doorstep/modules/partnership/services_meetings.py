"""Consultation meetings of a joint committee: called ahead so that topics can be collected, topics screened by somebody else than who
brought them, minutes kept by the kernel's rule of quorum. What was resolved: services_resolutions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.obligations.rules import LONGEST_MEETING
from doorstep.kernel.obligations.services_linking import held
from doorstep.kernel.obligations.services_minutes import NewMinutes, record_minutes
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import rules
from doorstep.modules.partnership.committee import OWN_POSTS, PART_TIME, voting_members
from doorstep.modules.partnership.models import Consultation, Nomination, Topic
from doorstep.modules.partnership.models_meetings import COLLECTED, DECLINED, TAKEN
from doorstep.modules.partnership.numbers import TOPIC_DAYS, number_on
from doorstep.modules.partnership.policies import KEEP, acting_units
from doorstep.modules.partnership.selectors import community_unit, is_partner, partners_at
from doorstep.modules.partnership.telling import CALLED, CALLED_OFF, MEETING
from doorstep.modules.partnership.texts import plain

LIAISON = "unit_liaison"
MEETING_KIND = "joint_meeting"


@dataclass(frozen=True, kw_only=True)
class NewConsultation:
    """A meeting that is called in a community."""

    place_code: str
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    where: str
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def call_consultation(*, actor: Actor, new: NewConsultation) -> Consultation:
    """Call a meeting, exactly once for its key: members of the committee and liaisons of partner units are told, topics are taken from
    now on until the days before it that the number in force says.

    Raises NotVisible, NotAllowed; RuleViolation naming the field: too soon to collect topics, hours that cannot be, another meeting of
    the committee at the time.
    """
    require_place(actor, KEEP, new.place_code)
    unit = community_unit(new.place_code)
    if unit is None:
        raise RuleViolation(_("请选一个有党组织的社区。"), field="place_code")
    held([unit.unit_id])
    known = Consultation.objects.filter(key=new.key).first()
    if known is not None:
        return known
    until = _check_times(new, unit)
    row = Consultation.objects.create(
        key=new.key, unit_id=unit.unit_id, place_code=unit.place_code, title=plain(new.title, "title", _("名称"), 80),
        starts_at=new.starts_at, ends_at=new.ends_at, where=plain(new.where, "where", _("地点"), 120),
        topics_until=until, called_by_id=actor.person_id, called_at=clock.now(), notified_at=clock.now(),
    )  # fmt: skip
    changes = {"starts_at": [None, row.starts_at.isoformat()], "topics_until": [None, until.isoformat()]}
    record(actor, Act("partnership.consultation_called", row, row.place_code, changes))
    _tell(actor, row, CALLED)
    return row


def _check_times(new: NewConsultation, unit: UnitVersion) -> dt.date:
    """The last day for topics. Raises RuleViolation."""
    if new.ends_at <= new.starts_at:
        raise RuleViolation(_("结束时间须在开始时间之后。"), field="ends")
    if new.ends_at - new.starts_at > LONGEST_MEETING:
        raise RuleViolation(_("一次会议不超过 12 小时，请核对开始和结束时间。"), field="ends")
    day, days = clock.day_of(new.starts_at), number_on(TOPIC_DAYS)
    until = rules.topics_until(day, days)
    if until < clock.today():
        raise RuleViolation(
            _("议题要提前 %(days)d 天征集，最早可以定在 %(day)s。") % {
                "days": days, "day": clock.today() + dt.timedelta(days=days),
            },
            field="day",
        )  # fmt: skip
    if day > clock.today() + dt.timedelta(days=366):
        raise RuleViolation(_("会议日期最多写到一年以内。"), field="day")
    other = Consultation.objects.filter(
        unit_id=unit.unit_id, cancelled_at=None, starts_at__lt=new.ends_at, ends_at__gt=new.starts_at
    ).first()
    if other is not None:
        raise RuleViolation(
            _("这段时间已经召集了“%(title)s”，请换个时间，或者先取消那一次。") % {"title": other.title},
            field="starts",
        )
    return until


def _tell(actor: Actor, row: Consultation, key: str) -> None:
    """Members of the committee, and who acts for partner units."""
    today = clock.today()
    own = Appointment.objects.in_force(today).filter(unit_id=row.unit_id, post__in=(*OWN_POSTS, PART_TIME))
    partners = partners_at(row.place_code, today).values("unit_id")
    liaisons = Appointment.objects.in_force(today).filter(unit_id__in=partners, post=LIAISON)
    persons = sorted(
        {*own.values_list("person_id", flat=True), *liaisons.values_list("person_id", flat=True)}
    )
    tell_persons(
        actor, [ToldPerson(person, MEETING, row.pk, key, due_at=row.starts_at) for person in persons]
    )


@transaction.atomic
def call_off(*, actor: Actor, consultation_id: int, reason: str) -> Consultation:
    """A meeting that will not take place; it stays, with the reason, and everybody who was told is told."""
    row = _kept(actor, consultation_id)
    if row.minutes is not None and row.minutes.cancelled_at is None:
        raise RuleViolation(_("这次会已经登记了会议记录；记录登错的，请作废会议记录。"))
    row.reason, row.cancelled_at, row.minutes = plain(reason, "reason", _("取消原因"), 200), clock.now(), None
    row.save(update_fields=["reason", "cancelled_at", "minutes"])
    act = Act(
        "partnership.consultation_called_off", row, row.place_code, {"cancelled": [False, True]},
        words={"reason": row.reason},
    )  # fmt: skip
    record(actor, act)
    _tell(actor, row, CALLED_OFF)
    return row


@dataclass(frozen=True, kw_only=True)
class NewTopic:
    """A topic for a meeting, in the name of a unit."""

    consultation_id: int
    unit_id: int
    title: str
    text: str = ""
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def bring_topic(*, actor: Actor, new: NewTopic) -> Topic:
    """Bring a topic, until the last day for it; exactly once for its key. By who acts for a partner unit, and by the committee's
    members in the name of the community or, part-time, of their own unit."""
    if not policy_for(Consultation).visible_to(actor).filter(pk=new.consultation_id).exists():
        raise NotVisible(_("没有找到这次会议。"))
    meeting = Consultation.objects.select_for_update().get(pk=new.consultation_id)
    known = Topic.objects.filter(key=new.key).first()
    if known is not None:
        return known
    if new.unit_id not in units_to_speak_for(actor, meeting):
        raise NotAllowed(_("议题由社区党组织委员、兼职委员或者共建单位联络员提出。"))
    if meeting.cancelled_at is not None or meeting.minutes_id is not None:
        raise RuleViolation(_("这次会已经取消或者已经开过，不能再提议题。"))
    if clock.today() > meeting.topics_until:
        raise RuleViolation(
            _("议题征集到 %(day)s 为止，这次会不能再提了，请留到下一次。") % {"day": meeting.topics_until},
            field="title",
        )
    row = Topic.objects.create(
        key=new.key, consultation=meeting, unit_id=new.unit_id, place_code=meeting.place_code,
        title=plain(new.title, "title", _("议题"), 80), text=plain(new.text, "text", _("说明"), 1000, required=False),
        brought_by_id=actor.person_id, brought_at=clock.now(),
    )  # fmt: skip
    record(actor, Act("partnership.topic_brought", row, row.place_code, {"unit_id": [None, row.unit_id]}))
    return row


def units_to_speak_for(actor: Actor, meeting: Consultation) -> list[int]:
    """In whose name the actor may bring a topic to this meeting: the community's for its own members, their units' for part-time
    commissioners and for who acts for a partner. Three queries at most."""
    found = [unit for unit in acting_units(actor) if is_partner(unit, meeting.place_code)]
    posts = {grant.post for grant in actor.grants if grant.unit_id == meeting.unit_id}
    if posts & set(OWN_POSTS):
        found.append(meeting.unit_id)
    if PART_TIME in posts and actor.person_id is not None:
        rows = Nomination.objects.filter(person_id=actor.person_id, community_id=meeting.unit_id)
        found += rows.filter(appointment__isnull=False).values_list("unit_id", flat=True)
    return sorted(set(found))


@transaction.atomic
def screen_topic(*, actor: Actor, topic_id: int, take: bool, reason: str = "") -> Topic:
    """Take a topic up, or leave it out with the reason. Never by who brought it; what was decided may be decided anew until the
    minutes are kept."""
    seen = policy_for(Topic).visible_to(actor).filter(pk=topic_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这个议题。"))
    row = Topic.objects.select_for_update(of=("self",)).select_related("consultation").get(pk=topic_id)
    policy_for(Topic).require(actor, "keep", row)
    if row.brought_by_id is not None and row.brought_by_id == actor.person_id:
        raise NotAllowed(_("您提的议题，由他人来筛选。"))
    if row.consultation.minutes_id is not None or row.consultation.cancelled_at is not None:
        raise RuleViolation(_("这次会已经开过或者取消，不能再筛选议题。"))
    before, row.state = row.state, TAKEN if take else DECLINED
    row.reason = "" if take else plain(reason, "reason", _("不列入的原因"), 200)
    row.screened_by_id, row.screened_at = actor.person_id, clock.now()
    row.save(update_fields=["state", "reason", "screened_by", "screened_at"])
    record(actor, Act("partnership.topic_screened", row, row.place_code, {"state": [before, row.state]}))
    return row


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a meeting came to. `starts_at`, `ends_at`: when it really was; default as called."""

    present: int
    decisions: str = ""
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def keep_minutes(*, actor: Actor, consultation_id: int, held_as: Held) -> Consultation:
    """Keep the minutes of a meeting that was called. Those entitled are the committee's members with a vote on that day; without
    quorum the minutes are kept and prove nothing, and nothing can be resolved on them.

    Raises RuleViolation for a meeting still to come, one called off, topics that nobody has screened yet, a day on which topics
    were still taken.
    """
    row = _kept(actor, consultation_id)
    if row.cancelled_at is not None:
        raise RuleViolation(_("这次会已经取消，不能登记会议记录。"))
    if row.minutes is not None and row.minutes.cancelled_at is None:
        if row.minutes.key == held_as.key:
            return row
        raise RuleViolation(_("这次会已经登记过会议记录。登错的，请先作废那一份，再重新登记。"))
    if row.topics.filter(state=COLLECTED).exists():
        raise RuleViolation(_("还有没筛选的议题，请先列入或者说明为什么不列入。"))
    starts, ends = held_as.starts_at or row.starts_at, held_as.ends_at or row.ends_at
    if clock.day_of(starts) <= row.topics_until:
        raise RuleViolation(
            _("议题征集到 %(day)s 为止，会议在这以后才开，请核对日期。") % {"day": row.topics_until},
            field="day",
        )
    entitled = voting_members(row.unit_id, clock.day_of(starts))
    if entitled is None:
        raise RuleViolation(_("社区党组织那天没有在任的有表决权的委员，请先补登任职。"), field="present")
    titles = list(row.topics.filter(state=TAKEN).order_by("pk").values_list("title", flat=True))
    row.minutes = record_minutes(
        actor=actor,
        new=NewMinutes(
            kind=MEETING_KIND, unit_id=row.unit_id, starts_at=starts, ends_at=ends, where=row.where, entitled=entitled,
            present=held_as.present, agenda=(_("；").join(titles) or row.title)[:500], decisions=held_as.decisions,
            key=held_as.key,
        ),
    )  # fmt: skip
    row.save(update_fields=["minutes"])
    act = Act("partnership.consultation_minuted", row, row.place_code, {"minutes": [None, row.minutes.pk]})
    record(actor, act)
    return row


def _kept(actor: Actor, consultation_id: int) -> Consultation:
    """The meeting, its community's unit and itself locked. Raises NotVisible or NotAllowed."""
    seen = policy_for(Consultation).visible_to(actor).filter(pk=consultation_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这次会议。"))
    held([seen.unit_id])
    rows = Consultation.objects.select_for_update(of=("self",)).select_related("minutes")
    row: Consultation = rows.get(pk=consultation_id)
    policy_for(Consultation).require(actor, "keep", row)
    return row


def minutes_of(row: Consultation) -> Minutes | None:
    """Those that stand."""
    return row.minutes if row.minutes is not None and row.minutes.cancelled_at is None else None
