"""Plans as people look at them: which exist for somebody, whose they are, what may be done, how they stand beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations.work import WorkItem
from doorstep.kernel.places.models import Area
from doorstep.kernel.proposals.models import OPEN, Proposal
from doorstep.kernel.proposals.rows import P
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import within

MOST_COMPARED = 3


def plans_seen(model: type[P], actor: Actor) -> QuerySet[P]:
    """The plans that exist for the actor, the newest first."""
    return policy_for(model).visible_to(actor).exclude(state="dropped").order_by("-id")


def plan_seen(model: type[P], actor: Actor, pk: int) -> P:
    """Raises NotVisible."""
    rows = policy_for(model).visible_to(actor).select_related("current")
    plan: P | None = rows.filter(pk=pk).first()
    if plan is None:
        raise NotVisible(_("没有找到这个方案。"))
    return plan


def people_of(plan: Proposal) -> dict[str, str]:
    """Who made, sent and approved the plan, by name. One statement."""
    roles = (("made", plan.made_by), ("sent", plan.sent_by), ("approved", plan.approved_by))
    rows = Account.objects.filter(pk__in={ref for _role, ref in roles if ref}).select_related("person")
    names = {row.pk: row.person.name if row.person else row.username for row in rows}
    return {role: names.get(ref or 0, "") for role, ref in roles}


def allowed(actor: Actor, plan: Proposal, edits: Iterable[str]) -> dict[str, bool]:
    """What the actor may do with the plan as it stands. edits: what may be done while it is open."""
    policy = policy_for(type(plan))
    makes, open_ = policy.can(actor, "make", plan), plan.state in OPEN
    second = policy.can(actor, "approve", plan) and actor.account_id not in (None, plan.sent_by)
    waits = plan.state == "sent" and plan.deciding_by is None
    return {
        **{name: makes and open_ for name in (*edits, "send", "drop")},
        "take_back": makes and plan.state in ("sent", "approved"),
        "approve": second and waits,
        "send_back": second and waits,
    }


# What waits for somebody.


def waiting(actor: Actor, model: type[P], capability: str) -> QuerySet[P]:
    """Plans somebody else sent, where the actor holds what approving takes; by the day of effect."""
    rows = policy_for(model).visible_to(actor).filter(within("place_code", actor.places_for(capability)))
    return rows.filter(state="sent").exclude(sent_by=actor.account_id).order_by("effective_on", "pk")


def come_back(actor: Actor, model: type[P]) -> QuerySet[P]:
    """Plans that their day refused or a second person sent back, for who sent them."""
    back = Q(state="refused") | Q(state="ready") & ~Q(reason="")
    return policy_for(model).visible_to(actor).filter(back, sent_by=actor.account_id).order_by("pk")


def work_items(
    actor: Actor, rows: QuerySet[Any], act: str, action: Any, url: Callable[[Any], str], limit: int
) -> tuple[Iterable[WorkItem], int]:
    """Of the plans with which the actor may do `act`. Two statements."""
    found = list(rows.only("pk", "title", "place_code", "effective_on", "error", "reason"))
    policy = policy_for(rows.model)
    found = [row for row in found if policy.can(actor, act, row)]
    shown = found[:limit]
    codes = {row.place_code for row in shown}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    items = [
        WorkItem(
            title=row.title, place_code=row.place_code, place_name=names.get(row.place_code, ""), action=action,
            url=url(row), due=row.effective_on, detail=row.error or row.reason,
        )
        for row in shown
    ]  # fmt: skip
    return items, len(found)


# Side by side.


@dataclass(frozen=True)
class Measure:
    """A figure as plans are compared by it: less is better, unless it is only what was asked."""

    key: str
    name: str
    words: Callable[[Any], str]
    less: bool = True


@dataclass(frozen=True)
class ComparedRow:
    """One figure: of today, of each plan, which are best."""

    key: str
    name: str
    today: str
    values: list[str]
    best: list[int]

    @property
    def cells(self) -> list[tuple[str, bool]]:
        return [(value, at in self.best) for at, value in enumerate(self.values)]


def compared_plans(model: type[P], actor: Actor, asked: Sequence[str]) -> list[P]:
    """Two or three plans of one place, in the order asked. Raises RuleViolation for anything else, NotVisible for one that is not
    the actor's to see."""
    ids = list(dict.fromkeys(int(one) for one in asked if is_digits(one)))
    if not 2 <= len(ids) <= MOST_COMPARED:
        raise RuleViolation(_("请勾选同一个地方的两个或三个方案，再点“比较”。"))
    found = [plan_seen(model, actor, pk) for pk in ids]
    if len({plan.place_code for plan in found}) > 1:
        raise RuleViolation(_("只有同一个地方的方案才能放在一起比较。"))
    return found


def compared_rows(
    measures: Iterable[Measure], today: Mapping[str, Any], figures: Sequence[Mapping[str, Any]]
) -> list[ComparedRow]:
    rows = []
    for one in measures:
        values = [found.get(one.key) or 0 for found in figures]
        least = min(values)
        best = [at for at, value in enumerate(values) if one.less and value == least and max(values) > least]
        words = [one.words(value) for value in values]
        rows.append(ComparedRow(one.key, one.name, one.words(today.get(one.key) or 0), words, best))
    return rows
