"""What cultural events keep of a person: what they said, and pictures they added."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.kernel.shared import clock
from doorstep.modules.culture.models import Feedback, Picture


def _feedback(person: Person) -> Iterable[dict[str, Any]]:
    rows = Feedback.objects.filter(person=person).select_related("session__activity")
    for row in rows.order_by("at", "pk"):
        yield {
            "day": row.session.day.isoformat(), "title": row.session.activity.title, "grade": row.grade,
            "words": row.words,
        }  # fmt: skip


def _pictures(person: Person) -> Iterable[dict[str, Any]]:
    rows = (
        Picture.objects.filter(added_by=person).select_related("session__activity").defer("content", "small")
    )
    for row in rows.order_by("added_at", "pk"):
        yield {
            "day": clock.day_of(row.added_at).isoformat(), "title": row.session.activity.title, "caption": row.caption,
        }  # fmt: skip


declare(
    Section(
        "event_feedback", _("活动评价"),
        {"day": _("日期"), "title": _("活动"), "grade": _("评价"), "words": _("留言")}, _feedback,
    ),
    Section(
        "event_pictures", _("上传的活动照片"), {"day": _("日期"), "title": _("活动"), "caption": _("说明")}, _pictures,
    ),
)  # fmt: skip
