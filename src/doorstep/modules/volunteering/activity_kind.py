"""Voluntary service as a kind of activity: its categories are the kinds of service; a correction changes what was credited."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.kinds import Category, Kind, declare
from doorstep.modules.volunteering.models import Approval
from doorstep.modules.volunteering.selectors import KIND, service_kinds_at, service_name
from doorstep.modules.volunteering.services_credits import follow_correction


def _offered(place_code: str) -> list[Category]:
    return [Category(row.code, row.name, row.risky) for row in service_kinds_at(place_code)]


def _settled(session_id: int) -> bool:
    return Approval.objects.filter(session=session_id).exists()


declare(
    Kind(
        KIND, _("志愿服务"), category_name=service_name, offered=_offered, settled=_settled, corrected=follow_correction
    )
)  # fmt: skip
