"""What partners keep of a person beside their matters: where they were recommended for a seat, and where their Party membership lies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.modules.partnership.models import Nomination


def _nominations(person: Person) -> Iterable[dict[str, Any]]:
    rows = list(Nomination.objects.filter(person=person).select_related("matter").order_by("pk"))
    names = last_names({unit for row in rows for unit in (row.unit_id, row.community_id)})
    for row in rows:
        yield {
            "community": names.get(row.community_id, ""), "unit": names.get(row.unit_id, ""), "affiliation": row.affiliation,
            "valid_from": row.valid_from.isoformat(), "valid_to": row.valid_to.isoformat(), "state": str(row.matter.state_name),
        }  # fmt: skip


declare(
    Section(
        "nominations", _("兼职委员人选"),
        {
            "community": _("社区党组织"), "unit": _("所在单位"), "affiliation": _("组织关系所在党组织"), "valid_from": _("任期起"),
            "valid_to": _("任期止"), "state": _("状态"),
        },
        _nominations,
    )
)  # fmt: skip
