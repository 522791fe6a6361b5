"""Who was quicker: somebody acts on a row as it was looked at, and it has changed since."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import line
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict


def refuse_stale_plan(plan: Any, lock_version: int | None) -> None:
    """Raise Conflict, saying who changed the plan and when, where its `lock_version` is no longer the one looked at (None: not asked)."""
    if lock_version is None or plan.lock_version == lock_version:
        return
    target = plan._meta.label_lower
    last = Entry.objects.filter(target=target, target_id=str(plan.pk)).order_by("-id").first()
    raise Conflict(
        _("%(who)s在 %(at)s 改过这个方案。请看过最新的样子再改。")
        % {
            "who": (line(last).who if last else "") or _("他人"),
            "at": last.at.astimezone(clock.DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M") if last else "",
        }
    )
