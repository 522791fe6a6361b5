"""From an address to what is asked of a register: who, which place, which day, found by what, through which filters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.declarations.indicators import all_indicators, indicator
from doorstep.kernel.declarations.registers import Filter, Register, register
from doorstep.kernel.indicators.capabilities import VIEW as FIGURES
from doorstep.kernel.indicators.days import asked_day
from doorstep.kernel.indicators.selectors import Figure, figure, scope_for, visible_rows
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import contains, is_code, within
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.kernel.web.frame.typed_places import Places

LONGEST_SEARCH = 60


@dataclass(frozen=True)
class Active:
    """One filter in use: the text of the address (a place's code), the value it means and the words it reads as;
    `name`: of a place, for its field."""

    filter: Filter
    text: str
    value: Any
    words: str
    name: str = ""

    def condition(self, on: dt.date) -> Q:
        rule, value = self.filter, self.value
        if rule.condition is not None:
            return rule.condition(value, on)
        path = rule.field or rule.key
        match rule.kind:
            case "text":
                return Q(**{f"{path}__icontains": value})
            case "date":
                return Q(**{f"{path}__gte": value})
            case "place":
                return within(path, [value])
            case "exists":
                return Q(**{f"{path}__isnull": not value})
            case _:
                return Q(**{path: value})


@dataclass(frozen=True)
class Asked:
    """A register as one reader asks for it. `trouble`: parts of the address that say nothing, in words.

    `figure`: the figure whose rows these are, when the page was opened from one.
    """

    register: Register
    actor: Actor
    place_code: str
    on: dt.date
    text: str = ""
    active: tuple[Active, ...] = ()
    trouble: tuple[str, ...] = ()
    query: QueryDict = field(default_factory=QueryDict)
    figure: Figure | None = None

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """All rows that answer, in no order yet."""
        rows = (
            self._rows_of_figure()
            if self.figure
            else self.register.visible(self.actor, self.on, self.place_code)
        )
        if self.text:
            rows = rows.filter(self.register.search.condition(self.text))
        for active in self.active:
            rows = rows.filter(active.condition(self.on))
        return rows

    def _rows_of_figure(self) -> QuerySet[Any]:
        """Exactly the rows that make the figure: a flow's may have ended meanwhile, so the day alone will not do."""
        assert self.figure is not None
        counted = visible_rows(self.actor, self.figure.key, self.figure.scope)
        named = counted.order_by().values(self.figure.indicator.row_field)
        rows = policy_for(self.register.model).visible_to(self.actor)
        return self.register.annotated(rows.filter(pk__in=named), self.on, self.actor)

    @property
    def account(self) -> int:
        """The reader's account; 0 for the platform itself."""
        return self.actor.account_id or 0

    def phrases(self) -> list[str]:
        """The parts of the sentence between the place and the noun."""
        words = [_("{day} 在册").format(day=self.on.isoformat())] if self.register.as_of else []
        if self.text:
            words.append(_("含“{text}”").format(text=self.register.search.told(self.text)))
        return words + [active.words for active in self.active]

    def sentence(self, place_name: str) -> str:
        """人民路街道 · 2026-11-22 在册 · 没有组长的楼栋党小组."""
        lead = " · ".join(part for part in [place_name, *self.phrases()] if part)
        joint = " · " if not self.active else "" if not lead[-1:].isascii() else " "
        return f"{lead}{joint}{self.register.noun}" if lead else str(self.register.noun)


def ask(request: HttpRequest, key: str) -> Asked:
    """Read the address. Raises Http404 for a register, place or scope that does not exist for the reader."""
    actor: Actor = actor_of(request)
    try:
        found = register(key)
    except KeyError:
        raise Http404 from None
    if not may_open(actor, found):
        raise Http404
    query, trouble = request.GET, []
    on = clock.today()
    if found.as_of or query.get("figure"):
        on = asked_day(query.get("on", "")).day  # the page says why, where another day was asked for
    active = []
    places = Places.inside(places_of(actor, found) or [settings.HOME_PLACE])
    for rule in found.filters:
        text = query.get(rule.key, "").replace("\x00", "").strip()
        if not text:
            continue
        try:
            active.append(read_filter(rule, text, places))
        except ValueError as wrong:
            trouble.append(_("条件“{name}”没有使用：{reason}。").format(name=rule.name, reason=wrong))
    place = place_asked(actor, found, query.get("place"))
    measured = figure_asked(found, place, on, query)
    if measured is not None and not actor.holds(FIGURES, place):
        raise Http404
    return Asked(
        register=found, actor=actor, place_code=place, on=on, figure=measured,
        text=query.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH], active=tuple(active),
        trouble=tuple(trouble), query=query,
    )  # fmt: skip


def figure_asked(found: Register, place: str, on: dt.date, query: QueryDict) -> Figure | None:
    """The figure named in the address, where its rows are this register's."""
    key = query.get("figure", "")
    if (
        not place
        or key not in {known.key for known in all_indicators()}
        or indicator(key).register != found.key
    ):
        return None
    try:
        since = dt.date.fromisoformat(query.get("figure_since", ""))
    except ValueError:
        since = scope_for(place).since
    return figure(key, place, on=on, since=since)


def may_open(actor: Actor, found: Register) -> bool:
    """Staff who hold the policy's view somewhere, or who see rows by taking part."""
    if not (actor.is_staff or actor.is_system):
        return False
    policy = policy_for(found.model)
    if not policy.view or actor.holds_somewhere(policy.view):
        return True
    return policy.participation(actor) is not None


def place_asked(actor: Actor, found: Register, asked: str | None) -> str:
    """The place of the page; "" for all of the reader's own. Raises Http404 outside the reader's places.

    Who sees rows by taking part alone has no places: the page shows those rows wherever they are.
    """
    own = places_of(actor, found)
    if not asked:
        return own[0] if len(own) == 1 else ""
    if not is_code(asked) or not any(contains(place, asked) for place in own):
        raise Http404
    return asked


def places_of(actor: Actor, found: Register) -> list[str]:
    """The subtrees over which the reader sees rows by office. Where rows are public, the home district for all."""
    view = policy_for(found.model).view
    own = actor.places_for(view) if view else [settings.HOME_PLACE]
    return [settings.HOME_PLACE] if own == [""] else own


def read_filter(rule: Filter, text: str, places: Places) -> Active:
    """The filter in use. Raises ValueError in the reader's words where its text says nothing."""
    if rule.kind in ("bool", "exists"):
        if text not in ("yes", "no"):
            raise _unclear(text)
        return Active(rule, text, text == "yes", str(rule.phrase if text == "yes" else rule.phrase_no))
    if rule.kind == "place":
        return _place_filter(rule, text, places)
    value: Any = text
    words = text
    if rule.kind == "choice":
        words = dict((code, str(name)) for code, name in choices_of(rule)).get(text, "")
        if not words:
            raise _unclear(text)
    if rule.kind == "date":
        try:
            value = dt.date.fromisoformat(text)
        except ValueError:
            raise ValueError(_("日期“{text}”看不懂，请写成 2026-11-22").format(text=text[:20])) from None
    if rule.kind == "text":
        value = words = text[:LONGEST_SEARCH]
    return Active(rule, text, value, str(rule.phrase).format(value=words))


def _place_filter(rule: Filter, text: str, places: Places) -> Active:
    """A place chosen from the suggestions (its code), or typed: a code, an exact name, or the name with its code."""
    last = text.split()[-1]
    code = places.resolve(last if is_code(last) else text[:LONGEST_SEARCH], "")
    name = full_names_of({code}).get(code, code)
    return Active(rule, code, code, str(rule.phrase).format(value=name), name)


def _unclear(text: str) -> ValueError:
    return ValueError(_("看不懂“{text}”").format(text=text[:40]))


def choices_of(rule: Filter) -> list[tuple[str, str]]:
    found = rule.choices() if callable(rule.choices) else rule.choices
    return [(str(code), str(name)) for code, name in found]
