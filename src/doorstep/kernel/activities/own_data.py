"""What is kept of a person: what they signed up for and where they were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import Attendance, SignUp
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare


def _activities(person: Person) -> Iterable[dict[str, Any]]:
    came = {row.session_id: row for row in Attendance.objects.filter(person=person)}
    rows = (
        SignUp.objects.filter(person=person).select_related("session__activity").order_by("starts_at", "pk")
    )
    for row in rows:
        yield _line(row.session, row.get_state_display(), came.pop(row.session_id, None))
    left = Attendance.objects.filter(pk__in=[row.pk for row in came.values()])
    for there in left.select_related("session__activity").order_by("in_at", "pk"):
        yield _line(there.session, "", there)


def _line(session: Any, state: str, came: Attendance | None) -> dict[str, Any]:
    there = came if came is not None and not came.struck else None
    return {
        "day": session.day.isoformat(), "title": session.activity.title, "state": state,
        "in_at": there.in_at.isoformat() if there else "",
        "out_at": there.out_at.isoformat() if there and there.out_at else "",
    }  # fmt: skip


declare(
    Section(
        "activities", _("活动"),
        {"day": _("日期"), "title": _("活动"), "state": _("报名"), "in_at": _("到场"), "out_at": _("离场")}, _activities,
    )
)  # fmt: skip
