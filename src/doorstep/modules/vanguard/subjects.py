"""The words of what people are told about a call-up: made when read, from the call as it is then."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.subjects import Subject, declare_subject
from doorstep.modules.vanguard.models import Called
from doorstep.modules.vanguard.selectors import unit_names
from doorstep.modules.vanguard.telling import CALLED_AGAIN, CANNOT, OVER, SUBJECT


def _lines(notices: list[Notice]) -> Mapping[int, str]:
    found = Called.objects.filter(pk__in={notice.about_id for notice in notices}).select_related(
        "callup", "post"
    )
    rows = {row.pk: row for row in found}
    names = unit_names(row.unit_id for row in rows.values())
    return {
        notice.pk: _line(notice.key, rows[notice.about_id], names)
        for notice in notices
        if notice.about_id in rows
    }


def _line(key: str, row: Called, names: dict[int, str]) -> str:
    words = {
        "what": row.callup.name, "who": row.post.name if row.post else names.get(row.unit_id or 0, ""), "n": row.people,
        "first": row.callup.starts_on, "last": row.callup.ends_on,
    }  # fmt: skip
    match key:
        case _ if key == OVER:
            return _("“%(what)s”收尾了，%(who)s不用再来人。") % words
        case _ if key == CANNOT:
            return _("“%(what)s”：%(who)s来不了（原定 %(n)d 人），请另找人。") % words
        case _ if key == CALLED_AGAIN:
            return _("“%(what)s”改请%(who)s来 %(n)d 人（%(first)s 至 %(last)s），请再答复一次。") % words
    return _("“%(what)s”请%(who)s来 %(n)d 人（%(first)s 至 %(last)s），请答复能来几人。") % words


def _url(notice: Notice) -> str:
    return reverse("vanguard:call", args=[notice.about_id])


declare_subject(Subject(SUBJECT, _lines, _url))
