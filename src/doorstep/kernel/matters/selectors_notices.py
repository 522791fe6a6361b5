"""Reading one's own notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.laws import Text
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_messages import MessageChoice, Notice
from doorstep.kernel.matters.notices import lines_of
from doorstep.kernel.matters.own_pages import own_pages
from doorstep.kernel.matters.subjects import subject_of

MOST_COUNTED = 99


def notices_for(actor: Actor) -> QuerySet[Notice]:
    """The actor's own, newest first."""
    rows = Notice.objects.filter(person_id=actor.person_id or 0)
    return rows.select_related("matter").order_by("-id")


def unread_count(actor: Actor) -> int:
    """How many are unread, counted to one more than a badge shows. One query, none for whoever cannot have any."""
    if actor.person_id is None:
        return 0
    unread = Notice.objects.filter(person_id=actor.person_id, read_at__isnull=True)
    return unread.order_by()[: MOST_COUNTED + 1].count()


@dataclass(frozen=True)
class Line:
    """A notice in words. `title`, `matter_id`: only where the matter (still) exists for the reader. `url`: the page of
    what is no matter, or the reader's own of one."""

    notice: Notice
    text: str
    title: str
    matter_id: int | None
    url: str


def shown(actor: Actor, notices: Iterable[Notice]) -> list[Line]:
    """One query for all matters, and what each subject or kind asks for all of its own."""
    rows = list(notices)
    ids = {notice.matter_id for notice in rows if notice.matter_id is not None}
    seen: set[int] = set()
    if ids:
        seen.update(policy_for(Matter).visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    texts = lines_of(rows)
    kinds = {notice.matter.pk: notice.matter.kind for notice in rows if notice.matter is not None}
    own = own_pages(actor, kinds)
    return [_line(notice, texts[notice.pk], seen, own) for notice in rows]


def _line(notice: Notice, text: str, seen: set[int], own: Mapping[int, str]) -> Line:
    if notice.matter is None:
        subject = subject_of(notice.about)
        return Line(notice, text, title="", matter_id=None, url=subject.url(notice) if subject else "")
    if notice.matter.pk not in seen:
        return Line(notice, text, title="", matter_id=None, url=own.get(notice.matter.pk, ""))
    return Line(
        notice, text, title=notice.matter.title, matter_id=notice.matter.pk, url=own.get(notice.matter.pk, "")
    )


@dataclass(frozen=True)
class Choice:
    channel: str
    name: Text
    wanted: bool


def choices_of(actor: Actor) -> list[Choice]:
    """The ways outside the platform there are, and which the actor wants."""
    wanted = set(
        MessageChoice.objects.filter(person_id=actor.person_id or 0, wanted=True).values_list(
            "channel", flat=True
        )
    )
    if actor.person_id is None:
        return []
    return [Choice(channel, name, channel in wanted) for channel, name in MessageChoice.CHANNELS]
