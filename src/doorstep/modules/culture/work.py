"""What waits for who keeps events: events over and not confirmed, pictures and words to be looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.selectors import to_confirm
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.places.models import Area
from doorstep.modules.culture import selectors
from doorstep.modules.culture.activity_kind import EVENT

Items = tuple[Iterable[WorkItem], int]


def _items(rows: QuerySet[Any], limit: int, made: Callable[[Any, str], WorkItem]) -> Items:
    """Three queries at most."""
    count = rows.count()
    if not count:
        return [], 0
    found = list(rows[:limit])
    names = dict(
        Area.objects.filter(code__in={row.place_code[:12] for row in found}).values_list("code", "name")
    )
    return [made(row, names.get(row.place_code[:12], "")) for row in found], count


def _unconfirmed(actor: Actor, today: dt.date, limit: int) -> Items:
    def made(row: Any, place: str) -> WorkItem:
        return WorkItem(
            title=row.activity.title, place_code=row.place_code, place_name=place, action=_("确认到场人数"),
            url=reverse("culture:desk_event", args=[row.pk]), detail=_("%(day)s 已结束") % {"day": row.day},
        )  # fmt: skip

    return _items(selectors.kept_by(actor, to_confirm(actor, EVENT)), limit, made)


def _pictures(actor: Actor, today: dt.date, limit: int) -> Items:
    def made(row: Any, place: str) -> WorkItem:
        asked = row.asked_down_at is not None
        return WorkItem(
            title=row.session.activity.title, place_code=row.place_code, place_name=place,
            action=_("去看"), url=reverse("culture:picture_look", args=[row.pk]),
            detail=_("有人请求撤下，现已隐藏") if asked else _("还没有写明同意方式，没有公开"),
        )  # fmt: skip

    return _items(selectors.pictures_waiting(actor), limit, made)


def _feedback(actor: Actor, today: dt.date, limit: int) -> Items:
    def made(row: Any, place: str) -> WorkItem:
        return WorkItem(
            title=row.session.activity.title, place_code=row.place_code, place_name=place, action=_("看留言"),
            url=reverse("culture:feedback_look", args=[row.pk]), detail=row.words[:40],
        )  # fmt: skip

    return _items(selectors.feedback_waiting(actor), limit, made)


declare(
    WorkProvider(
        "culture.confirm", gettext_lazy("办过的文化活动"), "confirm", _unconfirmed,
        all_url=lambda actor: reverse("web:register", args=["culture.events"]) + "?waiting=yes",
    ),
    WorkProvider(
        "culture.pictures", gettext_lazy("活动照片"), "decide", _pictures,
        all_url=lambda actor: reverse("web:register", args=["culture.pictures"]) + "?waiting=yes",
    ),
    WorkProvider(
        "culture.feedback", gettext_lazy("活动留言"), "decide", _feedback,
        all_url=lambda actor: reverse("web:register", args=["culture.feedback"]) + "?waiting=yes",
    ),
)  # fmt: skip
