"""What waits for somebody in the chain: broken links in their places, and terms falling due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.findings import Finding, all_findings, finding
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.proposals.selectors import come_back, waiting, work_items
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain.mending import may_mend
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.policies import KEEP
from doorstep.modules.chain.selectors_pages import count_breaks, place_names

DUE = ("chain.term_due", "chain.term_expired")


def terms_due(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Terms over or in their warning stages, the earliest end first."""
    places = actor.places_for(KEEP)
    rows = []
    total = 0
    for key in DUE:
        found = finding(key).rows(today).filter(within("place_code", places))
        total += found.count()
        rows += [
            (row.ended if key == "chain.term_expired" else row.ends, row, finding(key))
            for row in found[:limit]
        ]
    rows.sort(key=lambda row: row[0])
    names = place_names({row.place_code for _end, row, _found in rows[:limit]})
    items = [
        WorkItem(
            title=row.name, place_code=row.place_code, place_name=names.get(row.place_code, ""),
            url=_way(actor, found, row), action=_action(actor, found, row, _("办理换届")), due=end, detail=str(found.name),
        )
        for end, row, found in rows[:limit]
    ]  # fmt: skip
    return items, total


def broken_links(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Breaks in one's own places, serious ones first, terms last: they also stand among what falls due, with their day.

    As many as the page of breaks shows for the same places.
    """
    places = actor.places_for(KEEP)
    if not places:
        return [], 0
    known = sorted(all_findings(), key=lambda each: (each.key in DUE, each.severity != "serious"))
    counted = count_breaks(known, places, today)
    items: list[WorkItem] = []
    for number in sorted(counted):
        if len(items) < limit:
            items += _items(actor, known[number], places, today, limit - len(items))
    return items, sum(counted.values())


def _items(actor: Actor, kind: Finding, places: list[str], today: dt.date, limit: int) -> list[WorkItem]:
    rows = list(kind.rows(today).filter(within(kind.place_field, places))[:limit])
    names = place_names({str(getattr(row, kind.place_field)) for row in rows})
    return [
        WorkItem(
            title=kind.subject(row), place_code=(code := str(getattr(row, kind.place_field))),
            place_name=names.get(code, ""), url=_way(actor, kind, row), action=_action(actor, kind, row, _("去办理")),
            detail=str(kind.name),
        )
        for row in rows
    ]  # fmt: skip


def _way(actor: Actor, kind: Finding, row: Any) -> str:
    """The page that mends it, or for who may not the list in which it stands."""
    code = str(getattr(row, kind.place_field))
    if may_mend(actor, kind.key, code):
        return kind.mend(row)
    return f"{reverse('chain:breaks')}?place={code[:12]}&kind={kind.key}"


def _action(actor: Actor, kind: Finding, row: Any, mending: str) -> str:
    return mending if may_mend(actor, kind.key, str(getattr(row, kind.place_field))) else _("看情况")


def _listed(*kinds: str) -> Callable[[Actor], str]:
    """The page of breaks of these kinds (of all, without any) in all of the actor's places."""

    def url(actor: Actor) -> str:
        words = [("place", code) for code in actor.places_for(KEEP)] + [("kind", kind) for kind in kinds]
        return f"{reverse('chain:breaks')}?{urlencode(words)}"

    return url


def group_plans_waiting(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Plans of building groups that somebody else sent, for who may approve them; the day of effect is their due day."""
    return work_items(actor, waiting(actor, GroupPlan, KEEP), "approve", _("审批方案"), _plan_url, limit)


def group_plans_come_back(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Plans that their day refused or a second person sent back, for who sent them."""
    return work_items(actor, come_back(actor, GroupPlan), "make", _("修改方案"), _plan_url, limit)


def _plan_url(plan: GroupPlan) -> str:
    return reverse("chain:group_plan", args=[plan.pk])


declare(
    WorkProvider("chain.group_plans_waiting", lazy("待审批的小组方案"), "decide", group_plans_waiting),
    WorkProvider("chain.group_plans_back", lazy("退回或未能生效的小组方案"), "settle", group_plans_come_back),
    WorkProvider("chain.terms", lazy("任期"), "due", terms_due, _listed(*DUE)),
    WorkProvider("chain.breaks", lazy("链条断点"), "broken", broken_links, _listed()),
)
