"""Cultural events are a kind of activity; the times and who came are the kernel's."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.kinds import Kind, Text, declare
from doorstep.modules.culture.models import KINDS

EVENT = "event"
_NAMES = dict(KINDS)


def category_name(code: str) -> Text:
    return _NAMES.get(code, code)


def _page(session_id: int) -> str:
    return reverse("culture:event", args=[session_id])


declare(Kind(EVENT, _("文化活动"), category_name=category_name, page=_page))
