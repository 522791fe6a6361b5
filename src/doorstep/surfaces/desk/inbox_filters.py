"""What the inbox is narrowed by, read from its address: each condition one phrase of the sentence above the list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import all_capabilities
from doorstep.kernel.declarations.registers import Filter
from doorstep.kernel.matters.laws import all_laws
from doorstep.kernel.matters.models import URGENCIES, Matter
from doorstep.kernel.matters.policies import HANDLE, at_places
from doorstep.kernel.matters.selectors_offices import ASKED_KINDS
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LEVEL_NAMES, ancestors_of, within
from doorstep.kernel.web.frame.naming import own_places
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.kernel.web.register_pages.asking import Active, choices_of, read_filter
from doorstep.modules.requests.models import EVENT_CLASSES
from doorstep.surfaces.desk.levels import LEVELS, at_level

LONGEST_SEARCH = 60
BOX, TEXT = "box", "q"


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), clock.DISTRICT_ZONE)


def _since(field: str) -> Callable[[Any, dt.date], Q]:
    return lambda day, on: Q(**{f"{field}__gte": _midnight(day)})


def _until(field: str) -> Callable[[Any, dt.date], Q]:
    """Up to the end of the day."""
    return lambda day, on: Q(**{f"{field}__lt": _midnight(day + dt.timedelta(days=1))})


def _in_state(value: str, on: dt.date) -> Q:
    kind, _separator, state = value.partition(".")
    return Q(kind=kind, state=state)


_KNOWN_TO = [
    ("street", LEVEL_NAMES["street"]),
    ("community", LEVEL_NAMES["community"]),
    ("grid", LEVEL_NAMES["grid"]),
]


def _known_to(level: str, on: dt.date) -> Q:
    """Matters whose place is no finer than that."""
    if level == "street":
        return Q(community_code=F("street_code"))
    to_grid = Q(place_code__gt=F("community_code"))
    return to_grid if level == "grid" else ~to_grid & ~Q(community_code=F("street_code"))


_ITEMS = [("undecided", _("事项未定")), ("decided", _("事项已定"))]


def _item_is(value: str, on: dt.date) -> Q:
    """Of requests: whether somebody, or the words, said what they are about. "Other" is an item too."""
    return Q(kind="request") & (Q(item="") if value == "undecided" else ~Q(item=""))


def _states() -> list[tuple[str, str]]:
    laws = all_laws()
    return [(f"{law.kind}.{state.code}", f"{law.name}：{state.name}") for law in laws for state in law.states]


def filters_for(actor: Actor) -> tuple[Filter, ...]:
    """The filters, with the units the actor may choose from; those are asked of the database at most once."""
    units = cache(lambda: [(str(unit), name) for unit, name in units_near(actor)])
    return (
        Filter("place", _("地方"), kind="place", condition=lambda code, on: at_places([code])),
        Filter("known_to", _("地方说到"), choices=_KNOWN_TO, condition=_known_to, phrase=_("地方只说到{value}")),
        Filter("kind", _("种类"), choices=lambda: [(law.kind, law.name) for law in all_laws()], phrase=_("{value}类")),
        Filter("state", _("状态"), condition=_in_state, choices=_states),
        Filter("class", _("事项类别"), field="category", choices=EVENT_CLASSES),
        Filter("item", _("事项是否已定"), choices=_ITEMS, condition=_item_is),
        Filter("urgency", _("紧急程度"), choices=URGENCIES, phrase=_("程度{value}")),
        Filter("holder", _("责任单位"), field="holder_id", choices=units, phrase=_("{value}负责")),
        Filter("level", _("现在在哪一级"), choices=list(LEVELS.items()), condition=lambda key, on: at_level(key), phrase=_("在{value}一级")),
        Filter("due_since", _("期限从"), kind="date", condition=_since("due_at"), phrase=_("{value} 起到期")),
        Filter("due_until", _("期限到"), kind="date", condition=_until("due_at"), phrase=_("{value} 以前到期")),
        Filter("opened_since", _("登记从"), kind="date", condition=_since("opened_at"), phrase=_("{value} 起登记")),
        Filter("opened_until", _("登记到"), kind="date", condition=_until("opened_at"), phrase=_("{value} 以前登记")),
    )  # fmt: skip


def units_near(actor: Actor) -> list[tuple[int, str]]:
    """Units in and above the actor's places that handle matters, with somebody in office. One query."""
    own = own_places(actor) or [settings.HOME_PLACE]
    above = {each for code in own for each in ancestors_of(code)}
    serving = Appointment.objects.in_force().filter(
        unit=OuterRef("unit_id"), post__in=all_capabilities()[HANDLE]
    )
    rows = UnitVersion.objects.in_force().filter(
        within("place_code", own) | Q(place_code__in=above), Exists(serving), kind__in=ASKED_KINDS
    )
    return list(rows.order_by("place_code", "pinyin", "pk").values_list("unit_id", "name"))


@dataclass(frozen=True)
class Asked:
    """The address as it was understood. `query`: the same in its one form, without the page; `trouble`: what was not
    used, in words."""

    box: str
    text: str
    active: tuple[Active, ...]
    filters: tuple[Filter, ...]
    trouble: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return next((each.text for each in self.active if each.filter.key == "place"), "")

    @property
    def query(self) -> str:
        return self.address()

    @property
    def narrows(self) -> bool:
        return bool(self.active or self.text)

    def narrowed(self, rows: QuerySet[Matter]) -> QuerySet[Matter]:
        for each in self.active:
            rows = rows.filter(each.condition(clock.today()))
        return rows

    def address(self, **changes: str | None) -> str:
        """The query of this address with parameters changed; None takes one away."""
        found: dict[str, str | None] = {BOX: self.box, TEXT: self.text}
        found |= {each.filter.key: each.text for each in self.active} | changes
        order = (BOX, *(rule.key for rule in self.filters), TEXT)
        return urlencode({key: value for key in order if (value := found.get(key))})

    @property
    def chips(self) -> list[tuple[str, str]]:
        """(words, the query without that condition), for a page's sentence."""
        words = [(each.words, self.address(**{each.filter.key: None})) for each in self.active]
        said = [(_t("含“%(text)s”") % {"text": self.text}, self.address(q=None))] if self.text else []
        return words + said

    @property
    def sentence(self) -> str:
        """The conditions in a line, for a saved filter."""
        return " · ".join(words for words, _query in self.chips)

    @property
    def fields(self) -> list[tuple[Filter, str, str, Sequence[tuple[str, str]]]]:
        """Each filter with what stands in it (and a place's name), and its choices."""
        chosen = {each.filter.key: each for each in self.active}
        return [
            (
                rule, chosen[rule.key].text if rule.key in chosen else "", chosen[rule.key].name if rule.key in chosen else "",
                choices_of(rule) if rule.kind == "choice" else (),
            )
            for rule in self.filters
        ]  # fmt: skip


def asked_of(actor: Actor, query: Mapping[str, str], box: str) -> Asked:
    """Read the address of a page of `box`. What cannot be used is said, not refused."""
    rules, active, trouble = filters_for(actor), [], []
    places = Places.inside(own_places(actor) or [settings.HOME_PLACE])
    for rule in rules:
        text = query.get(rule.key, "").replace("\x00", "").strip()
        if not text:
            continue
        try:
            active.append(read_filter(rule, text, places))
        except ValueError as wrong:
            trouble.append(_t("条件“%(name)s”没有使用：%(reason)s。") % {"name": rule.name, "reason": wrong})
    words = query.get(TEXT, "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    return Asked(box, words, tuple(active), rules, tuple(trouble))
