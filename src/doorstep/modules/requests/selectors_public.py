"""What anybody may read of requests: item, state, days, community and the office that answers (docs/adr/0024).

No words of anybody, no position, no address, no name. The words of the item stand for those of the report, unless the
item is on the list as one whose reports may be public.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from doorstep.kernel.matters.laws import CHECK, RESOLVE, law_of
from doorstep.kernel.matters.models import Deadline, Matter
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.requests.models import EventItem
from doorstep.modules.requests.selectors import rule_values

CLASSES = "public.classes"


@dataclass(frozen=True)
class PublicRequest:
    """One request as anybody may read it. `title` is empty where its words are not public.

    `place_code`, `place`: its community (street, where it lies in none). `due_at`: the running promise to settle it, or to
    check what was done; None where none runs.
    """

    number: str
    item_code: str
    item: str
    title: str
    is_open: bool
    state: str
    next_step: str
    place_code: str
    place: str
    office: str
    opened_at: dt.datetime
    changed_at: dt.datetime
    due_at: dt.datetime | None


def public_classes(on: dt.date | None = None) -> frozenset[str]:
    """Classes of which anything is public on a day (default today). One query."""
    return frozenset(rule_values(on).get(CLASSES, ()))


def public_requests() -> QuerySet[Matter]:
    """Requests of which anything is public: of a public class and a known item, not sealed, not taken back."""
    rows = Matter.objects.filter(kind="request", category__in=public_classes()).exclude(item="")
    return rows.exclude(confidentiality=Matter.SEALED).exclude(state="withdrawn")


def is_public(item: EventItem, classes: frozenset[str]) -> bool:
    """Whether reports of this item are told to anybody, with the `public_classes` of the day."""
    return item.event_class in classes and item.confidentiality != Matter.SEALED


def told_publicly(rows: Sequence[Matter]) -> list[PublicRequest]:
    """These public requests as anybody may read them. Four queries, whatever their number."""
    items = _item_names({row.item for row in rows})
    offices = last_names(row.holder_id for row in rows if row.holder_id)
    areas = _area_names({row.place_code for row in rows})
    due = dict(
        Deadline.objects.filter(
            Deadline.RUNNING,
            matter__in=[row.pk for row in rows],
            clock__in=(RESOLVE, CHECK),
            paused_at__isnull=True,
        ).values_list("matter_id", "due_at")
    )
    return [_told(row, items, offices, areas, due.get(row.pk)) for row in rows]


def _told(
    row: Matter, items: dict[str, str], offices: dict[int, str], areas: dict[str, str], due_at: dt.datetime | None
) -> PublicRequest:  # fmt: skip
    state = law_of(row.kind).by_code[row.state]
    street, community = row.place_code[: LENGTHS["street"]], row.place_code[: LENGTHS["community"]]
    names = [areas[code] for code in dict.fromkeys((street, community)) if code in areas]
    return PublicRequest(
        number=row.number, item_code=row.item, item=items.get(row.item, ""),
        title=row.title if row.confidentiality == Matter.OPEN else "", is_open=row.is_open, state=str(state.name),
        next_step=str(state.next_step), place_code=community, place=" · ".join(names),
        office=offices.get(row.holder_id or 0, ""), opened_at=row.opened_at, changed_at=row.state_since, due_at=due_at,
    )  # fmt: skip


def _item_names(codes: Iterable[str]) -> dict[str, str]:
    """What each item is called now, or was last called."""
    rows = EventItem.objects.filter(code__in=set(codes)).order_by("valid_from")
    return dict(rows.values_list("code", "name"))


def _area_names(codes: Iterable[str]) -> dict[str, str]:
    wanted = {code[: LENGTHS[level]] for code in codes for level in ("street", "community")}
    return dict(Area.objects.filter(code__in=wanted).values_list("code", "name"))


__all__ = ["PublicRequest", "is_public", "public_classes", "public_requests", "told_publicly"]
