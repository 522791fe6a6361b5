"""Signing up, waiting, a guardian's word, and leaving again."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities import rules
from doorstep.kernel.activities.gates import locked_session
from doorstep.kernel.activities.kinds import is_kind, kind_of, note_left
from doorstep.kernel.activities.models import (
    ANNOUNCED,
    ASKING,
    JOINED,
    WAITING,
    WITHDRAWN,
    Session,
    SignUp,
)
from doorstep.kernel.activities.policies import may_organise
from doorstep.kernel.activities.seats import move_up, seats_left
from doorstep.kernel.activities.telling import HANDED_ON, tell_those_coming
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """Who wants to come, and what conditions ask about them: the year of birth and declared skills, where known."""

    person_id: int
    born_in: int | None = None
    skills: frozenset[str] = field(default_factory=frozenset)


@transaction.atomic
def join(*, actor: Actor, session_id: int, who: Applicant, paper_seen: bool = False) -> SignUp:
    """Sign up oneself; whoever organises signs up somebody without a phone. The same again changes nothing.

    Joined, or waiting where all seats are taken; a minor is asking until a guardian agrees (`paper_seen`: the organiser
    holds the guardian's word on paper). Raises Refused in the user's words; NotVisible for a session that is not open to
    this person.
    """
    session = _locked_for_people(actor, session_id)
    own = actor.person_id == who.person_id
    if not own and not may_organise(actor, session.activity.organiser_id, session.place_code):
        raise NotAllowed(_("只能给自己报名；替别人报名请找组织者。"))
    _check_open(session)
    _check_conditions(session, who)
    row = SignUp.objects.filter(session=session, person_id=who.person_id).first()
    if row is not None and row.state != WITHDRAWN:
        return row
    _check_elsewhere(session, who.person_id)
    minor = rules.is_minor(who.born_in, session.day)
    agreed = not minor or (paper_seen and not own)
    left = seats_left(session)
    state = WAITING if left == 0 else (JOINED if agreed else ASKING)
    row = row or SignUp(session=session, person_id=who.person_id)
    row.state, row.at, row.withdrawn_at = state, clock.now(), None
    row.starts_at, row.ends_at, row.is_minor = session.starts_at, session.ends_at, minor
    row.agreed_at = clock.now() if minor and agreed else None
    row.paper_seen_by_id = actor.person_id if minor and agreed else None
    row.guardian_id = None
    _kept(row)
    changes = {"session": session.pk, "state": [None, state]}
    record(actor, Act("activities.signed_up", row, session.place_code, changes, person_ref=who.person_id))
    return row


def _kept(row: SignUp) -> None:
    """Write it; another sign-up of the same person at the same moment may have come first."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        if "sign_up_one_place_at_a_time" in str(clash):
            raise RuleViolation(_("这个时间您已报名另一场活动，不能同时在两处。")) from clash
        raise Conflict(_("您刚刚已经报过名，请刷新后再看。")) from clash


@transaction.atomic
def agree_as_guardian(*, actor: Actor, sign_up_id: int) -> SignUp:
    """A guardian agrees on their own phone, by the link the minor passed on. Never the minor, nor another minor signed up
    for the same."""
    session = Session.objects.select_for_update().filter(sign_ups=sign_up_id).first()
    row = SignUp.objects.filter(pk=sign_up_id).first()
    if session is None or row is None or actor.person_id is None:
        raise NotVisible(_("没有找到这次报名。"))
    if row.person_id == actor.person_id:
        raise NotAllowed(_("监护人不能是报名者本人。"))
    if SignUp.objects.filter(session=session, person_id=actor.person_id, is_minor=True).exists():
        raise NotAllowed(_("监护人须是成年人。"))
    if row.agreed_at is not None:
        return row
    if row.state == WITHDRAWN or session.state != ANNOUNCED:
        raise Conflict(_("这次报名已经退出，或者活动已经取消。"))
    row.guardian_id, row.agreed_at = actor.person_id, clock.now()
    if row.state == ASKING:
        _check_elsewhere(session, row.person_id)
        row.state = JOINED
    _kept(row)
    record(
        actor,
        Act(
            "activities.guardian_agreed",
            row,
            session.place_code,
            {"session": session.pk},
            person_ref=row.person_id,
        ),
    )
    return row


@transaction.atomic
def note_guardians_paper(*, actor: Actor, session_id: int, person_id: int) -> SignUp:
    """The organiser holds a guardian's word on paper."""
    session = locked_session(actor, session_id, "organise")
    row = (
        SignUp.objects.filter(session=session, person_id=person_id, is_minor=True)
        .exclude(state=WITHDRAWN)
        .first()
    )
    if row is None:
        raise NotVisible(_("没有找到这次报名。"))
    if actor.person_id == person_id:
        raise NotAllowed(_("监护人不能是报名者本人。"))
    if row.agreed_at is not None:
        return row
    row.paper_seen_by_id, row.agreed_at = actor.person_id, clock.now()
    if row.state == ASKING:
        _check_elsewhere(session, person_id)
        row.state = JOINED
    _kept(row)
    changes = {"session": session.pk, "paper": True}
    record(actor, Act("activities.guardian_agreed", row, session.place_code, changes, person_ref=person_id))
    return row


@transaction.atomic
def withdraw(*, actor: Actor, session_id: int, person_id: int) -> None:
    """Leave again, at any time and without a reason; the longest waiting moves up."""
    session = _locked_for_people(actor, session_id)
    if actor.person_id != person_id and not may_organise(
        actor, session.activity.organiser_id, session.place_code
    ):
        raise NotAllowed(_("只能退出自己的报名。"))
    row = SignUp.objects.filter(session=session, person_id=person_id).exclude(state=WITHDRAWN).first()
    if row is None:
        return
    row.state, row.withdrawn_at = WITHDRAWN, clock.now()
    row.save(update_fields=["state", "withdrawn_at"])
    record(
        actor,
        Act("activities.withdrawn", row, session.place_code, {"session": session.pk}, person_ref=person_id),
    )
    note_left(actor, session, [person_id])
    if session.state == ANNOUNCED and session.ends_at > clock.now():
        move_up(actor, session)


@transaction.atomic
def hand_seat(*, actor: Actor, session_id: int, from_person_id: int, who: Applicant) -> SignUp:
    """One's seat goes to somebody else, in one step and past the waiting list: by whoever takes it, or by the organiser. That
    the other gives it is for the calling module to know; they are told that it is taken. Raises Refused where there is no
    such seat any more, or the taker may not come or is elsewhere.
    """
    session = _locked_for_people(actor, session_id)
    if actor.person_id != who.person_id and not may_organise(
        actor, session.activity.organiser_id, session.place_code
    ):
        raise NotAllowed(_("位子由接替的人自己来接，或者由组织者安排。"))
    _check_open(session)
    _check_conditions(session, who)
    given = SignUp.objects.filter(session=session, person_id=from_person_id, state=JOINED).first()
    if given is None or from_person_id == who.person_id:
        raise Conflict(_("这个位子已经不在了，请刷新后再看。"))
    row = SignUp.objects.filter(session=session, person_id=who.person_id).first()
    if row is not None and row.state == JOINED:
        raise Conflict(_("您已在这一班里。"))
    if rules.is_minor(who.born_in, session.day):
        raise RuleViolation(_("未成年人不能接替，请按报名办理。"))
    _check_elsewhere(session, who.person_id)
    given.state, given.withdrawn_at = WITHDRAWN, clock.now()
    given.save(update_fields=["state", "withdrawn_at"])
    row = row or SignUp(session=session, person_id=who.person_id)
    row.state, row.at, row.withdrawn_at = JOINED, clock.now(), None
    row.starts_at, row.ends_at, row.is_minor = session.starts_at, session.ends_at, False
    _kept(row)
    changes = {"session": session.pk}
    record(actor, Act("activities.withdrawn", given, session.place_code, changes, person_ref=from_person_id))
    record(
        actor,
        Act(
            "activities.signed_up", row, session.place_code, changes | {"state": [None, JOINED]},
            person_ref=who.person_id,
        ),
    )  # fmt: skip
    tell_those_coming(actor, session, HANDED_ON, persons=[from_person_id])
    return row


def _locked_for_people(actor: Actor, session_id: int) -> Session:
    """The session, locked: what is public is there for everybody with a name, what one is in for oneself, all else by its
    policy."""
    session = (
        Session.objects.select_related("activity")
        .select_for_update(of=("self",))
        .filter(pk=session_id)
        .first()
    )
    if session is None or (actor.person_id is None and not actor.is_system):
        raise NotVisible(_("没有找到这场活动。"))
    if not session.activity.is_public and not may_organise(
        actor, session.activity.organiser_id, session.place_code
    ):
        admits = kind_of(session.kind).admits if is_kind(session.kind) else None
        if not (admits is not None and admits(actor, session)) and not _is_in(actor, session):
            return locked_session(actor, session_id, "view")
    return session


def _is_in(actor: Actor, session: Session) -> bool:
    rows = SignUp.objects.filter(session=session, person_id=actor.person_id or 0)
    return rows.exclude(state=WITHDRAWN).exists()


def _check_open(session: Session) -> None:
    if session.state != ANNOUNCED:
        raise Conflict(_("这场活动%s，不能报名。") % session.get_state_display())
    if not session.activity.by_sign_up:
        raise RuleViolation(_("这场活动不用报名，到时直接来。"))
    if clock.now() >= session.closes_at:
        raise RuleViolation(_("报名已经截止。"))


def _check_conditions(session: Session, who: Applicant) -> None:
    activity = session.activity
    match rules.age_fault(who.born_in, session.day, activity.least_age, activity.most_age):
        case "unknown":
            raise RuleViolation(_("这场活动有年龄要求，请先填出生年份。"), field="born_in")
        case "young":
            raise RuleViolation(_("这场活动要求年满 %d 岁。") % activity.least_age, field="born_in")
        case "old":
            raise RuleViolation(_("这场活动要求不超过 %d 岁。") % activity.most_age, field="born_in")
    if activity.skill and activity.skill not in who.skills:
        raise RuleViolation(_("这场活动需要有相应技能的人；有的话请先在“我的资料”里勾选。"), field="skills")
    person = Person.objects.filter(pk=who.person_id, erased_at=None).first()
    if person is None:
        raise NotVisible(_("没有找到这个人。"))


def _check_elsewhere(session: Session, person_id: int) -> None:
    others = SignUp.objects.filter(
        person_id=person_id, state=JOINED, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at
    ).exclude(session=session)
    other = others.select_related("session__activity").first()
    if other is not None:
        raise RuleViolation(
            _("这个时间已报名“%(title)s”，不能同时在两处；要换的话，请先退出那一场。")
            % {"title": other.session.activity.title}
        )
