"""What coverage keeps of a person: visits they made as an instructor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.modules.coverage.models import TOPICS, Visit

_NAMES = dict(TOPICS)


def _visits(person: Person) -> Iterable[dict[str, Any]]:
    rows = list(
        Visit.objects.filter(instructor=person).select_related("organisation").order_by("visited_on", "pk")
    )
    names = last_names(row.organisation.unit_id for row in rows)
    for row in rows:
        yield {
            "visited_on": row.visited_on.isoformat(), "organisation": names.get(row.organisation.unit_id, ""),
            "topics": str(_("、")).join(str(_NAMES.get(topic, topic)) for topic in row.topics), "found": row.found,
        }  # fmt: skip


declare(
    Section(
        "coverage_visits", _("入企走访"),
        {
            "visited_on": _("走访日期"), "organisation": _("组织"), "topics": _("谈了什么"), "found": _("了解到的情况"),
        },
        _visits,
    )
)  # fmt: skip
