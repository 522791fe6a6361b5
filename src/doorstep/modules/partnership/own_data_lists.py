"""What the four lists keep of a person beside their matters: how they rated, what they claimed for a unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.kernel.shared import clock
from doorstep.modules.partnership.models_lists import Claim, Rating


def _ratings(person: Person) -> Iterable[dict[str, Any]]:
    for row in Rating.objects.filter(person=person).select_related("project__matter").order_by("at", "pk"):
        yield {
            "day": clock.day_of(row.at).isoformat(), "title": row.project.matter.title, "grade": row.grade, "words": row.words,
        }  # fmt: skip


def _claims(person: Person) -> Iterable[dict[str, Any]]:
    for row in Claim.objects.filter(by=person).select_related("need").order_by("at", "pk"):
        yield {"day": clock.day_of(row.at).isoformat(), "title": row.need.headline, "words": row.words}


declare(
    Section(
        "project_ratings", _("共建项目评价"), {"day": _("日期"), "title": _("共建项目"), "grade": _("评分"), "words": _("留言")}, _ratings,
    ),
    Section("project_claims", _("代单位认领的需求"), {"day": _("日期"), "title": _("需求"), "words": _("说明")}, _claims),
)  # fmt: skip
