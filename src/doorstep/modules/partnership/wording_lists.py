"""How things of the lists are told in a line: prices, times of a week, money, the chain of a need."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.models_lists import Need, Resource

WEEK = [
    (0, gettext_lazy("周一")), (1, gettext_lazy("周二")), (2, gettext_lazy("周三")), (3, gettext_lazy("周四")), (4, gettext_lazy("周五")),
    (5, gettext_lazy("周六")), (6, gettext_lazy("周日")),
]  # fmt: skip
CLAIMABLE = ("published", "claimed")  # states of a need that units may claim
# The steps of the chain, each with the states in which it has been reached.
CHAIN = ("published", "claimed", "agreed", "running", "delivered", "confirmed", "rated")
STEPS = [
    ("published", gettext_lazy("需求")), ("claimed", gettext_lazy("资源")), ("agreed", gettext_lazy("共建项目")), ("running", gettext_lazy("责任")),
    ("delivered", gettext_lazy("做完")), ("confirmed", gettext_lazy("确认")), ("rated", gettext_lazy("评价")),
]  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of a need's chain: its word, and whether it has been reached, is the last reached, or is to come."""

    name: str
    reached: bool
    current: bool


def chain_of(need: Need) -> list[Step]:
    """Need, resource, project, responsibilities, done, confirmed, rated: as far as the need has come."""
    state = need.matter.state
    at = CHAIN.index(state) if state in CHAIN else -1
    return [Step(str(word), number <= at, number == at) for number, (_code, word) in enumerate(STEPS)]


def money(fen: int) -> str:
    """123456 → "1,234.56"; whole yuan without decimals."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02}" if rest else f"{whole:,}"


def price_words(resource: Resource) -> str:
    """The way of charging, and the price where there is one; a market price is called so."""
    mode = str(resource.get_price_display())
    if resource.fen is None:
        return mode
    words = _("%(mode)s %(yuan)s 元") % {"mode": mode, "yuan": money(resource.fen)}
    return f"{words}（{resource.price_words}）" if resource.price_words else words


def clock_of(minute: int) -> str:
    """540 → "9:00"; the end of the day is 24:00."""
    return f"{minute // 60}:{minute % 60:02}"


def times_words(weekdays: int, opens: int, closes: int) -> str:
    """On which days of the week, between which hours."""
    days = rules.weekdays_of(weekdays)
    if len(days) == 7:
        week = _("每天")
    elif days == (0, 1, 2, 3, 4):
        week = _("周一至周五")
    elif days == (5, 6):
        week = _("周末")
    else:
        week = _("、").join(str(dict(WEEK)[day]) for day in days)
    if (opens, closes) == (0, rules.DAY_MINUTES):
        return week
    return f"{week} {clock_of(opens)}–{clock_of(closes)}"
