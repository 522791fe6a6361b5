"""What would be told to employers, and what was: counts of a year, from rows, and only of members who agree today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.vanguard.models import Feedback, Member, Served
from doorstep.modules.vanguard.policies import TELL_EMPLOYERS, employing_units, still_agreed, still_told
from doorstep.modules.vanguard.rules import days_of
from doorstep.modules.vanguard.selectors import unit_names
from doorstep.modules.vanguard.states import DIFFICULTY


@dataclass(frozen=True)
class Facts:
    """A member's year: person-times in all, and of these wishes and difficulties confirmed by the person helped."""

    times: int = 0
    wishes: int = 0
    difficulties: int = 0


def facts_of(member_ids: Iterable[int], year: int) -> dict[int, Facts]:
    """One query; members who did not serve in the year are not among them."""
    first, after = days_of(year)
    rows = Served.objects.filter(member__in=list(member_ids), day__gte=first, day__lt=after)
    found = rows.values_list("member_id").annotate(
        times=Count("pk"), hard=Count("pk", filter=Q(wish__matter__category=DIFFICULTY)),
        wishes=Count("pk", filter=Q(wish__isnull=False)),
    )  # fmt: skip
    return {
        member: Facts(times, wishes - hard, hard)
        for member, times, hard, wishes in found.order_by().values_list(
            "member_id", "times", "hard", "wishes"
        )
    }


@dataclass(frozen=True)
class ToTell:
    """One member whose employer may be told of the year, and has not been."""

    member: Member
    employer: str
    facts: Facts


def agreeing(actor: Actor) -> QuerySet[Member]:
    """Members in the actor's places for telling employers, who agree today. Where they no longer agree they are not there."""
    here = within("place_code", actor.places_for(TELL_EMPLOYERS))
    return Member.objects.filter(here, still_agreed("person_id")).select_related("person")


def to_tell(actor: Actor, year: int, most: int = 300) -> list[ToTell]:
    """Who served in the year, agrees, and whose employer was not told yet. Four queries."""
    told = Feedback.objects.filter(year=year).values("member")
    members = list(agreeing(actor).exclude(pk__in=told).order_by("place_code", "pk")[: 4 * most])
    facts = facts_of([row.pk for row in members], year)
    names = unit_names(row.employer_id for row in members)
    return [
        ToTell(row, names.get(row.employer_id or 0, row.employer_name), facts[row.pk])
        for row in members
        if row.pk in facts
    ][:most]


def feedback_of_employer(actor: Actor, year: int | None = None) -> list[Feedback]:
    """What the actor's own units were told, of members who agree today. One query."""
    units = employing_units(actor)
    if not units:
        return []
    rows = Feedback.objects.filter(still_told(), employer__in=units)
    rows = rows.filter(year=year) if year is not None else rows
    return list(rows.select_related("member__person").order_by("-year", "pk"))


def told_of(member: Member) -> list[Feedback]:
    """What was told to employers about a member, the latest first."""
    return list(Feedback.objects.filter(member__person=member.person_id).order_by("-year", "-pk"))


def seen_feedback(actor: Actor, feedback_id: int) -> Feedback:
    """One word to an employer: for its people while the member agrees, for the office that sent it, for the member. Nobody
    prints what the member no longer agrees to, the member aside. Raises NotVisible."""
    rows = policy_for(Feedback).visible_to(actor).filter(pk=feedback_id)
    row: Feedback | None = (
        rows.filter(still_told() | Q(member__person_id=actor.person_id or 0))
        .select_related("member__person")
        .first()
    )
    if row is None:
        raise NotVisible(_("没有找到这份反馈。"))
    return row


def paper_data(row: Feedback, community: str) -> dict[str, object]:
    """What stands on the paper: facts alone."""
    counted: Sequence[tuple[str, int]] = (
        (_("参加服务（人次）"), row.times), (_("其中办成微心愿（件）"), row.wishes), (_("其中解决实际困难（件）"), row.difficulties),
    )  # fmt: skip
    return {
        "title": _("在职党员社区服务情况反馈"), "office": community, "number": f"{row.year}-{row.pk}",
        "rows": [
            [_("单位"), row.employer_name], [_("姓名"), row.member.person.name], [_("报到社区"), community],
            [_("年度"), str(row.year)], *([label, str(value)] for label, value in counted),
        ],
        "text": _("次数由到场记录和受助人的确认得来，不评等次。本人同意反馈；同意撤回后，本页不再向单位显示。"),
        "note": _("%(day)s 发出") % {"day": clock.day_of(row.sent_at).isoformat()},
    }  # fmt: skip
