"""Projects: agreed between community and units, started, delivered, confirmed by the community; stopped and given back.

What happens to the project happens to its need in the same transaction. Whoever did it, or serves in a unit that took part,
does not confirm it; what is not confirmed does not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.matters.working_days import end_of
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.refusals import check_day
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, RuleViolation
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.keeping_lists import (
    MOST_PEOPLE,
    answering_unit,
    check_number,
    check_partner,
    line,
    locked,
    serves,
    why_not_judge,
)
from doorstep.modules.partnership.models_lists import (
    Booking,
    Claim,
    Need,
    Project,
    ProjectUnit,
    Resource,
    Responsibility,
)
from doorstep.modules.partnership.services_needs import follow
from doorstep.modules.partnership.services_responsibilities import Duty, assign_duties
from doorstep.modules.partnership.states_projects import MANAGE, PROJECT

LONGEST_PROJECT = dt.timedelta(days=731)


@dataclass(frozen=True, kw_only=True)
class Use:
    """A resource to be used, from when until when."""

    resource_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Partner:
    """A unit that takes part beside the responsible one."""

    unit_id: int
    brings: str = ""


@dataclass(frozen=True, kw_only=True)
class ProjectData:
    """What was agreed. Money in fen, as told; `duties`: who does what by when."""

    unit_id: int | None
    starts_on: dt.date
    ends_on: dt.date
    title: str = ""
    hands: int = 0
    budget_fen: int = 0
    budget_from: str = ""
    others: Sequence[Partner] = ()
    uses: Sequence[Use] = ()
    duties: Sequence[Duty] = ()
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def agree_project(
    *, actor: Actor, need_id: int, data: ProjectData, expected_version: int | None = None
) -> Project:
    """Agree on a project for a published or claimed need, exactly once for its key.

    Raises NotVisible, NotAllowed, RuleViolation naming the field (no responsible unit, one without an agreement here, days,
    money, a resource that is not free), Conflict where somebody agreed on another one meanwhile.
    """
    need = locked(actor, Need, need_id)
    policy_for(Need).require(actor, "screen", need)
    known = Project.objects.select_related("matter").filter(matter__key=data.key, need=need).first()
    if known is not None:
        return known
    place = need.matter.place_code
    unit_id = check_partner(data.unit_id, place)
    _check_agreed(data)
    others = {one.unit_id: line(one.brings, "brings", 100) for one in data.others if one.unit_id != unit_id}
    claims = Claim.objects.filter(need=need, ended_at=None).exclude(unit_id=unit_id)
    others |= {claim.unit_id: claim.words[:100] for claim in claims if claim.unit_id not in others}
    for other in others:
        check_partner(other, place, "others")
    ends = end_of(data.ends_on)
    matters.apply_transition(
        actor=actor, matter_id=need.pk, name="agree", expected_version=expected_version,
        inputs=Inputs(end=ends, data={"project": str(data.key), "unit": unit_id}),
    )  # fmt: skip
    opened = matters.open_matter(
        actor=actor,
        new=matters.NewMatter(
            kind=PROJECT, place_code=place, title=data.title or need.headline or need.matter.title, text=need.about,
            source=need.matter.source, holder_id=answering_unit(place), handler_id=liaison_of(unit_id),
            longitude=need.matter.longitude, latitude=need.matter.latitude, key=data.key,
        ),
    ).matter  # fmt: skip
    project = Project(
        matter=opened, need=need, place_code=place, unit_id=unit_id, hands=data.hands, budget_fen=data.budget_fen,
        budget_from=line(data.budget_from, "budget_from", 80), starts_on=data.starts_on, ends_on=data.ends_on,
        agreed_on=clock.today(),
    )  # fmt: skip
    project.save(force_insert=True)
    ProjectUnit.objects.bulk_create(
        ProjectUnit(project=project, unit_id=other, brings=brings) for other, brings in sorted(others.items())
    )
    _take_part(opened, unit_id, others)
    matters.apply_transition(
        actor=actor, matter_id=opened.pk, name="agree", inputs=Inputs(end=ends, data={"unit": unit_id})
    )
    for use in data.uses:
        book(project, use)
    assign_duties(actor, project, data.duties)
    return fresh(project)


def _check_agreed(data: ProjectData) -> None:
    check_day(data.starts_on, "starts_on")
    check_day(data.ends_on, "ends_on")
    if data.ends_on < data.starts_on:
        raise RuleViolation(_("完成期限早于开始日期。"), field="ends_on")
    if data.ends_on < clock.today():
        raise RuleViolation(_("完成期限已经过去。"), field="ends_on")
    if data.ends_on - data.starts_on > LONGEST_PROJECT:
        raise RuleViolation(_("一个项目最长两年，更长的请分年立项。"), field="ends_on")
    check_number(data.hands, "hands", 0, MOST_PEOPLE, _("参与人数"))
    check_number(data.budget_fen, "budget_fen", 0, rules.MOST_FEN, _("预算（分）"))
    if data.budget_fen and not data.budget_from.strip():
        raise RuleViolation(_("有预算的请写明资金来源。"), field="budget_from")


def liaison_of(unit_id: int) -> int | None:
    """Who is to do it for the unit: its liaison, the first in office."""
    rows = (
        Appointment.objects.in_force()
        .filter(unit_id=unit_id, post="unit_liaison")
        .order_by("valid_from", "pk")
    )
    return rows.values_list("person_id", flat=True).first()


def _take_part(matter: Matter, unit_id: int, others: Sequence[int] | dict[int, str]) -> None:
    Participation.objects.bulk_create(
        [Participation(matter=matter, unit_id=unit_id, part=Participation.LEAD, at=clock.now())]
        + [
            Participation(matter=matter, unit_id=other, part=Participation.CALLED, at=clock.now())
            for other in sorted(others)
        ]
    )


def book(project: Project, use: Use) -> Booking:
    """Take a seat of a resource for a project, between the project's days. Raises RuleViolation where the resource is not there
    then, does not serve the place, is not agreed on until then or has no seat left; Conflict where somebody took the last one at
    the same moment."""
    row = Resource.objects.select_for_update().filter(pk=use.resource_id).first()
    starts, ends = (moment.astimezone(clock.DISTRICT_ZONE) for moment in (use.starts_at, use.ends_at))
    if row is None or not row.areas.filter(code__in=[project.place_code[:n] for n in (6, 9, 12)]).exists():
        raise RuleViolation(_("这项资源不在清单上，或者不服务这个社区。"), field="resource")
    if ends <= starts:
        raise RuleViolation(_("结束的时间要晚于开始的时间。"), field="ends_at")
    last = (ends - dt.timedelta(minutes=1)).date()
    if not project.starts_on <= starts.date() <= last <= project.ends_on:
        raise RuleViolation(
            _("用资源的日子要在项目的时间里：%(from)s 至 %(to)s。") % {"from": project.starts_on, "to": project.ends_on},
            field="starts_at",
        )  # fmt: skip
    for day in {max(starts.date(), clock.today()), last}:
        check_partner(row.unit_id, project.place_code, "resource", day)
    if not (row.holds_on(starts.date()) and row.holds_on(last)):
        raise RuleViolation(_("“%s”那时不在清单上。") % row.name, field="resource")
    match rules.outside_times(starts, ends, row.weekdays, row.opens, row.closes):
        case "days":
            raise RuleViolation(_("“%s”那天不提供，请看它的星期。") % row.name, field="starts_at")
        case "hours":
            raise RuleViolation(_("“%s”那个钟点不提供，请看它的时间。") % row.name, field="starts_at")
    at_once = Booking.objects.filter(resource=row, released_at=None, starts_at__lt=ends, ends_at__gt=starts)
    seat = rules.free_seat(set(at_once.values_list("seat", flat=True)), row.capacity)
    if seat is None:
        raise RuleViolation(_("“%s”那时已经约满，请换个时间或换一项资源。") % row.name, field="resource")
    try:
        with transaction.atomic():
            return Booking.objects.create(
                resource=row, project=project, seat=seat, starts_at=use.starts_at, ends_at=use.ends_at
            )
    except IntegrityError as clash:
        raise Conflict(
            _("“%s”刚刚被约走了，请换个时间或换一项资源。") % row.name, field="resource"
        ) from clash


@transaction.atomic
def use_resource(*, actor: Actor, project_id: int, use: Use) -> Booking:
    """Add a resource to a project that runs or is to run."""
    project = _managed(actor, project_id, "agreed", "running")
    return book(project, use)


@transaction.atomic
def add_duty(*, actor: Actor, project_id: int, duty: Duty) -> Responsibility:
    """Share out one more thing of a project that runs or is to run."""
    project = _managed(actor, project_id, "agreed", "running")
    return assign_duties(actor, project, [duty])[0]


def _managed(actor: Actor, project_id: int, *states: str) -> Project:
    project: Project = locked(actor, Project, project_id)
    policy_for(Project).require(actor, "manage", project)
    if project.matter.state not in states:
        raise RuleViolation(_("这个项目现在是「%s」，不能再改。") % project.matter.state_name)
    return project


@transaction.atomic
def start(*, actor: Actor, project_id: int, note: str = "", expected_version: int | None = None) -> Project:
    """The responsible unit begins."""
    project = locked(actor, Project, project_id)
    _require_own(actor, project)
    _step(actor, project, "start", expected_version, note=note)
    follow(project.need_id, "run", project=str(project.matter.key))
    return fresh(project)


@transaction.atomic
def deliver(
    *, actor: Actor, project_id: int, note: str, served: int, cost_fen: int | None = None,
    expected_version: int | None = None,
) -> Project:  # fmt: skip
    """The responsible unit says what was done and for how many; what it had to do itself is done with it. Raises RuleViolation
    while another unit has not said that its part is done."""
    project = locked(actor, Project, project_id)
    _require_own(actor, project)
    check_number(served, "served", 1, MOST_PEOPLE, _("惠及人数"))
    if cost_fen is not None:
        check_number(cost_fen, "cost_fen", 0, rules.MOST_FEN, _("实际花费（分）"))
    open_ = project.responsibilities.filter(matter__state__in=("noted", "assigned"))
    waiting = list(open_.exclude(unit_id=project.unit_id).select_related("matter").order_by("due_on", "pk"))
    if waiting:
        names = last_names(row.unit_id for row in waiting)
        parts = [f"“{row.matter.title}”（{names.get(row.unit_id, '')}）" for row in waiting]
        raise RuleViolation(
            _("还有 %(n)d 项责任没有报告做完：%(duties)s。都做完了才能报告项目做完。")
            % {"n": len(parts), "duties": "、".join(parts)}
        )
    own = list(open_.values_list("pk", flat=True))
    _step(actor, project, "deliver", expected_version, note=note)
    if own:
        matters.apply_transitions(actor=actor, matter_ids=own, name="do", inputs=Inputs(note=note))
        Responsibility.objects.filter(pk__in=own).update(done_on=clock.today())
    project.served, project.cost_fen, project.delivered_on = served, cost_fen, clock.today()
    project.save(update_fields=["served", "cost_fen", "delivered_on"])
    follow(project.need_id, "deliver", project=str(project.matter.key))
    return fresh(project)


@transaction.atomic
def confirm(*, actor: Actor, project_id: int, note: str, expected_version: int | None = None) -> Project:
    """The community has seen that it is done: from now on it counts, and so does what each unit did of it. `note` is what who
    told the need reads. What was booked for later is free again. Raises NotAllowed for whoever did it or serves in a unit that
    took part."""
    project = _to_be_seen(actor, project_id)
    _step(actor, project, "confirm", expected_version, note=note)
    done = list(project.responsibilities.filter(matter__state="done").values_list("pk", flat=True))
    if done:
        matters.apply_transitions(actor=actor, matter_ids=done, name="confirm", inputs=Inputs(note=note))
        Responsibility.objects.filter(pk__in=done).update(kept_on=clock.today())
    project.bookings.filter(released_at=None, starts_at__gt=clock.now()).update(released_at=clock.now())
    project.confirmed_on = clock.today()
    project.save(update_fields=["confirmed_on"])
    follow(project.need_id, "confirm", note=note, project=str(project.matter.key))
    return fresh(project)


@transaction.atomic
def send_back(*, actor: Actor, project_id: int, reason: str, expected_version: int | None = None) -> Project:
    """What was said to be done is not: the unit goes on. The days of doing it are as if they had not been."""
    project = _to_be_seen(actor, project_id)
    _step(actor, project, "rework", expected_version, internal=reason)
    project.served = project.cost_fen = project.delivered_on = None
    project.save(update_fields=["served", "cost_fen", "delivered_on"])
    follow(project.need_id, "redo", project=str(project.matter.key))
    return fresh(project)


@transaction.atomic
def stop(*, actor: Actor, project_id: int, reason: str, expected_version: int | None = None) -> Project:
    """End a project that will not be done, by the community or by the unit that gives it back: what it held is free, its
    responsibilities are dropped, its need is published anew."""
    project = locked(actor, Project, project_id)
    by_community = actor.holds(MANAGE, project.place_code)
    if not by_community:
        _require_own(actor, project)
    _step(actor, project, "stop" if by_community else "give_back", expected_version, internal=reason)
    now = clock.now()
    open_ = project.responsibilities.filter(matter__is_open=True).values_list("pk", flat=True)
    if left := list(open_):
        matters.apply_transitions(
            actor=system_actor("partnership"), matter_ids=left, name="drop", inputs=Inputs(internal=reason)
        )
    project.bookings.filter(released_at=None).update(released_at=now)
    Claim.objects.filter(need_id=project.need_id, ended_at=None).update(
        ended_at=now, reason=line(reason, "reason", 2000)[:200]
    )
    project.stopped_on = clock.today()
    project.save(update_fields=["stopped_on"])
    follow(project.need_id, "release", project=str(project.matter.key))
    return fresh(project)


def _to_be_seen(actor: Actor, project_id: int) -> Project:
    """For who looks at what others did. Raises NotAllowed for who serves in a unit that took part, or said that it was done."""
    project: Project = locked(actor, Project, project_id)
    if why := why_not_judge(actor, project):
        raise NotAllowed(why)
    return project


def _require_own(actor: Actor, project: Project) -> None:
    """The responsible unit's own people, or who manages projects there."""
    if not serves(actor, project.unit_id) and not actor.holds(MANAGE, project.place_code):
        raise NotAllowed(_("这一步由责任单位来做。"))


def _step(actor: Actor, project: Project, name: str, expected_version: int | None, **words: Any) -> None:
    matters.apply_transition(
        actor=actor, matter_id=project.pk, name=name, expected_version=expected_version,
        inputs=Inputs(data={"need": project.need_id}, **words),
    )  # fmt: skip


def fresh(project: Project) -> Project:
    """The project as it stands now, with its matter and its need's."""
    return Project.objects.select_related("matter", "need__matter").get(pk=project.pk)


__all__ = [
    "Duty", "Partner", "ProjectData", "Use", "add_duty", "agree_project", "book", "confirm", "deliver", "fresh",
    "liaison_of", "send_back", "start", "stop", "use_resource",
]  # fmt: skip
