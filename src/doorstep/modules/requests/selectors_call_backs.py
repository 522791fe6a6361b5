"""Who is to be called back, what is to be looked at, and which reopenings wait for an answer: the queues of the call-back
desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters import selectors as matters
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.policies import at_places
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.shared import clock
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.requests.models import CallBack
from doorstep.modules.requests.selectors import rule_values
from doorstep.modules.requests.services_feedback import CLOSING, HANDLING
from doorstep.modules.requests.states import CALL_BACK, SPOT_CHECK, VERIFY

PAGE = 30
SAMPLED, DUE, LOOK, ASKED = "sampled", "due", "look", "asked"
TABS: dict[str, Any] = {
    SAMPLED: gettext_lazy("抽样待回访"), DUE: gettext_lazy("待回访"), LOOK: gettext_lazy("当场办结待抽查"),
    ASKED: gettext_lazy("要求重办待答复"),
}  # fmt: skip
FINAL = ("wrong_number", "refused")  # calling again would change nothing


def may_open(actor: Actor) -> bool:
    """Who calls back, looks at what nobody told, or answers for reopenings, anywhere."""
    return any(actor.holds_somewhere(each) for each in (CALL_BACK, SPOT_CHECK, VERIFY))


def tabs_of(actor: Actor) -> list[str]:
    own = [SAMPLED, DUE] if actor.holds_somewhere(CALL_BACK) else []
    own += [LOOK] if actor.holds_somewhere(SPOT_CHECK) else []
    return [*own, ASKED] if actor.holds_somewhere(VERIFY) else own


def queue(
    actor: Actor, tab: str, place_code: str = "", values: dict[str, Any] | None = None
) -> QuerySet[Any]:
    """Matters of a tab, unordered, each with its `since`: when it was closed, or reopening was asked."""
    if tab == ASKED:
        return reopenings(actor, place_code)
    if tab == LOOK:
        return to_look_at(actor, place_code)
    return to_call(actor, place_code, sampled=tab == SAMPLED, values=values)


def to_call(
    actor: Actor, place_code: str = "", *, sampled: bool, values: dict[str, Any] | None = None
) -> QuerySet[Any]:
    """Closed requests whose outcome nobody has asked about yet, of people who can be asked.

    Left out: anonymous ones; what the actor handled; outcomes with a valid call-back, a refusal or a wrong number, one
    tried today, and those tried often enough. Without `sampled`: closed within the days of the rule.
    """
    values = values or rule_values()
    now = clock.now()
    today = dt.datetime.combine(clock.today(), dt.time(), clock.DISTRICT_ZONE)
    last = History.objects.filter(matter=OuterRef("pk"), name__in=CLOSING).order_by("-number")
    calls = CallBack.objects.filter(request=OuterRef("pk"), closing=OuterRef("closing"))
    tries = int(values["call_back.tries"])
    rows = _in_office(actor, CALL_BACK, place_code).filter(state="closed", reporter__isnull=False)
    if sampled:
        rows = rows.filter(request__sample__done_at=None, request__sample__isnull=False)
    else:
        rows = rows.filter(closed_at__gte=now - dt.timedelta(days=int(values["call_back.days"])))
    return _not_own(actor, rows).annotate(closing=Subquery(last.values("number")[:1]), since=F("closed_at")).filter(
        ~Exists(calls.filter(Q(valid=True) | Q(invalid_reason__in=FINAL) | Q(at__gte=today))),
        ~Exists(calls.values("pk")[tries - 1 : tries]),
        closing__isnull=False,
    )  # fmt: skip


def to_look_at(actor: Actor, place_code: str = "") -> QuerySet[Any]:
    """Sampled requests that nobody told and nobody has looked at yet; never what the actor recorded."""
    rows = _in_office(actor, SPOT_CHECK, place_code).filter(
        state="closed", reporter=None, request__sample__isnull=False, request__sample__done_at=None
    )
    return _not_own(actor, rows).annotate(since=F("closed_at"))


def reopenings(actor: Actor, place_code: str = "") -> QuerySet[Any]:
    """Reopenings asked that the actor may answer: never by who handled it."""
    rows = _in_office(actor, VERIFY, place_code).filter(state="reopening_asked")
    return rows.exclude(handler_id=actor.person_id or 0).annotate(since=F("state_since"))


def _in_office(actor: Actor, capability: str, place_code: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = policy_for(Matter).visible_to(actor)
    rows = rows.filter(at_places(actor.places_for(capability)), kind="request", erased_at__isnull=True)
    return rows.filter(at_places([place_code])) if place_code else rows


def _not_own(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    if actor.person_id is None:
        return rows
    handled = History.objects.filter(matter=OuterRef("pk"), name__in=HANDLING, person_id=actor.person_id)
    return rows.filter(
        ~Exists(handled), ~Q(reporter_id=actor.person_id), ~Q(handler_id=actor.person_id) | Q(handler=None)
    )


@dataclass(frozen=True)
class Line:
    """One row of a queue. `detail`: the last words of the outcome, or of the asking."""

    matter: Any
    where: str
    holder: str
    detail: str
    clock: str
    clock_words: str


@dataclass(frozen=True)
class Tab:
    key: str
    name: str
    count: matters.Count
    chosen: bool


@dataclass(frozen=True)
class Desk:
    """A page of the call-back desk. `after`: of the page's last row; "" on the last page."""

    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    after: str
    days: int
    tries: int


def desk(actor: Actor, tab: str, place_code: str, after: str) -> Desk:
    """A page of the queue, what has waited longest first. Nine queries at most."""
    values = rule_values()
    counted = tuple(
        Tab(key, str(TABS[key]), matters.count_of(queue(actor, key, place_code, values)), key == tab)
        for key in tabs_of(actor)
    )
    found = list(_after(queue(actor, tab, place_code, values), after)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return Desk(
        counted, tuple(_lines(found, tab)), _cursor(found[-1]) if more else "",
        int(values["call_back.days"]), int(values["call_back.tries"]),
    )  # fmt: skip


def next_to_call(actor: Actor, tab: str, place_code: str, but: int) -> Matter | None:
    """The first of the queue that is not `but`."""
    found: Matter | None = queue(actor, tab, place_code).exclude(pk=but).order_by("since", "pk").first()
    return found


def _after(rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
    rows = rows.select_related("handler").defer("text", "sought", "bigrams").order_by("since", "pk")
    at = matters.after_cursor(cursor)
    if at is None or at.due_at is None:
        return rows
    return rows.filter(Q(since__gt=at.due_at) | Q(since=at.due_at, pk__gt=at.pk))


def _cursor(row: Any) -> str:
    return f"{row.since.timestamp()}_{row.pk}"


def _lines(rows: Sequence[Any], tab: str) -> list[Line]:
    places = full_names_of({row.place_code for row in rows})
    units = last_names(row.holder_id for row in rows if row.holder_id)
    names = ("ask_reopen", "find_undone") if tab == ASKED else CLOSING
    said = History.objects.filter(matter__in=[row.pk for row in rows], name__in=names).order_by("number")
    words = {row.matter_id: row.note or row.internal for row in said}
    return [
        Line(
            row, places.get(row.place_code, ""), units.get(row.holder_id, ""), words.get(row.pk, ""),
            *(clock_words(row) if tab == ASKED else ("", _since_words(row.since))),
        )
        for row in rows
    ]  # fmt: skip


def _since_words(since: dt.datetime) -> str:
    days = (clock.today() - clock.day_of(since)).days
    return _("今天结案") if days < 1 else _("结案 %(days)d 天") % {"days": days}


@dataclass(frozen=True)
class Called:
    """What the form of a call-back shows. `reporter`: who can be called; `no_phone`: why the number is not shown."""

    matter: Any
    where: str
    holder: str
    answer: History | None
    item: str
    for_whom: str
    earlier: tuple[CallBack, ...]
    reporter: Person | None
    no_phone: str
    sampled: bool


def to_be_called(actor: Actor, number: str) -> Called:
    """One matter for a call-back. Raises NotVisible outside the actor's places."""
    matter = matters.visible_matter(actor, number)
    rows = CallBack.objects.filter(request_id=matter.pk).select_related("person").order_by("-pk")
    answer = History.objects.filter(matter=matter, name__in=CLOSING).order_by("-number").first()
    request = (
        type(matter).objects.select_related("request__item", "request__sample").get(pk=matter.pk).request
    )
    reporter, why = _reporter(actor, matter)
    return Called(
        matter=matter, where=full_names_of({matter.place_code}).get(matter.place_code, ""),
        holder=last_names([matter.holder_id]).get(matter.holder_id, "") if matter.holder_id else "", answer=answer,
        item=request.item.name if request.item else "", for_whom=request.for_whom, earlier=tuple(rows),
        reporter=reporter, no_phone=why, sampled=getattr(request, "sample", None) is not None,
    )  # fmt: skip


def _reporter(actor: Actor, matter: Matter) -> tuple[Person | None, str]:
    """Who is called, and why the number cannot be asked for."""
    if matter.reporter_id is None:
        return None, _("匿名上报，没有留下电话，不能回访。")
    person = persons_for(actor).select_related("key").filter(pk=matter.reporter_id, erased_at=None).first()
    if person is None:
        return None, _("报告人不在您的辖区登记，请由区热线席位回访。")
    if person.phone_sealed is None:
        return person, _("没有登记电话。")
    if not policy_for(Person).can(actor, "reveal", person):
        return person, _("您的岗位不能查看电话，请由街道或热线席位回访。")
    return person, ""
