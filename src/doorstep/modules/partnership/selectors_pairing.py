"""Reading pairings: how a plan stands, from what was done and confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from doorstep.kernel.shared import clock
from doorstep.modules.partnership.models import Deed, Pairing, PlanItem

DONE, WAITING, LATE, AHEAD, DROPPED = "done", "waiting", "late", "ahead", "dropped"
SHOWN = 60


@dataclass(frozen=True)
class ItemLine:
    """An item of the plan and its state: done by a confirmed deed, waiting for the confirmation of one, late, ahead, dropped."""

    item: PlanItem
    state: str


@dataclass(frozen=True)
class PairingPage:
    """A pairing with its plan and what was done. `confirmed`, `waiting`: how many records; `people`: served, by confirmed ones."""

    items: tuple[ItemLine, ...]
    deeds: tuple[Deed, ...]
    confirmed: int
    people: int
    waiting: int


def state_of(item: PlanItem, deeds: Iterable[Deed]) -> str:
    """How an item stands, by the records given of its pairing."""
    own = [deed for deed in deeds if deed.item_id == item.pk and deed.struck_at is None]
    if item.dropped_at is not None:
        return DROPPED
    if any(deed.confirmed_at is not None for deed in own):
        return DONE
    if own:
        return WAITING
    return LATE if item.due_on < clock.today() else AHEAD


def pairing_page(row: Pairing) -> PairingPage:
    """Three queries. The caller has asked whether the pairing exists for the reader."""
    deeds = list(row.deeds.order_by("-day", "-pk")[:SHOWN])
    items = list(row.items.order_by("due_on", "pk"))
    counted = row.deeds.filter(struck_at=None).aggregate(
        confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)), waiting=Count("pk", filter=Q(confirmed_at=None)),
        people=Sum("people", filter=Q(confirmed_at__isnull=False)),
    )  # fmt: skip
    return PairingPage(
        tuple(ItemLine(item, state_of(item, deeds)) for item in items), tuple(deeds), counted["confirmed"],
        counted["people"] or 0, counted["waiting"],
    )  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """How many items a plan has, how many are done and late; what was confirmed of its pairing, and for how many people."""

    pairing: Pairing
    items: int
    done: int
    late: int
    deeds: int
    people: int


def summaries(rows: Sequence[Pairing]) -> list[Summary]:
    """How each plan stands. Two queries for any number."""
    found = {
        row["pairing"]: row
        for row in Deed.objects.filter(pairing__in=rows, struck_at=None, confirmed_at__isnull=False)
        .order_by()
        .values("pairing")
        .annotate(deeds=Count("pk"), people=Sum("people"))
    }
    done = Q(deeds__confirmed_at__isnull=False, deeds__struck_at=None)
    items = {
        row["pairing"]: row
        for row in PlanItem.objects.filter(pairing__in=rows, dropped_at=None)
        .order_by()
        .values("pairing")
        .annotate(
            items=Count("pk", distinct=True), done=Count("pk", filter=done, distinct=True),
            past=Count("pk", filter=Q(due_on__lt=clock.today()), distinct=True),
            past_done=Count("pk", filter=done & Q(due_on__lt=clock.today()), distinct=True),
        )
    }  # fmt: skip
    none = {"items": 0, "done": 0, "past": 0, "past_done": 0}
    lines = []
    for row in rows:
        plan, did = items.get(row.pk, none), found.get(row.pk, {"deeds": 0, "people": 0})
        late = plan["past"] - plan["past_done"]
        lines.append(Summary(row, plan["items"], plan["done"], late, did["deeds"], did["people"] or 0))
    return lines
