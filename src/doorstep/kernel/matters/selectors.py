"""Reading matters. Lists start from what the actor may see.

A box is a question an officer asks every morning; each has an index that gives its page in order. Pages are cut by key:
the nearest deadline first, then those without one (suspended), each by number.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.laws import all_laws
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_deadlines import CalendarDay, CalendarYear, TimeLimit
from doorstep.kernel.matters.policies import at_places, held_by_units, in_reach
from doorstep.kernel.matters.rules import sought_of
from doorstep.kernel.matters.steps import Rulebook
from doorstep.kernel.matters.working_days import Calendar
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.kept import Kept
from doorstep.kernel.shared.numerals import whole_number

Box = Literal["mine", "unit", "asked", "place", "overdue", "told"]
COUNTED_TO = (
    1000  # beyond it a list says "more than": nobody reads on, and counting a million rows takes long
)


def official_calendar() -> Calendar:
    """The published calendar with what officers imported. Two queries."""
    years = frozenset(CalendarYear.objects.values_list("year", flat=True))
    days = dict(CalendarDay.objects.values_list("day", "is_working")) if years else {}
    return Calendar(adjusted=days, imported_years=years)


def rulebook_for(kind: str) -> Rulebook:
    """Time limits and calendar of a kind. One small query."""
    return _rulebooks(kind)


_rulebooks = Kept(
    lambda kind: Rulebook(tuple(TimeLimit.objects.filter(kind=kind)), official_calendar()),
    "matters_timelimit", "matters_calendaryear", "matters_calendarday",
)  # fmt: skip


def visible_matter(actor: Actor, number: int | str) -> Matter:
    """The matter by its row number or the number people say. Raises NotVisible where it does not exist for the actor."""
    pk = number if isinstance(number, int) else number_in(number)
    rows = policy_for(Matter).visible_to(actor).select_related("holder", "asked", "handler", "reporter")
    found: Matter | None = rows.filter(pk=pk).first() if pk is not None else None
    if found is None:
        raise NotVisible(_("没有找到这件事。"))
    return found


def box(actor: Actor, name: Box, place_code: str = "") -> QuerySet[Matter]:
    """Open matters of a box, unordered.

    mine: given to me. unit: my unit answers for them. asked: my unit was asked to take them over. place: all that is
    open in my places, or with my unit wherever it was called. overdue: those of them past their deadline. told: what I
    reported, open or not.
    """
    rows = Matter.objects.filter(is_open=True)
    if name == "told":
        told = Q(reporter_id=actor.person_id) | Q(teller_id=actor.person_id)
        return Matter.objects.filter(told) if actor.person_id else Matter.objects.none()
    if name == "mine":
        rows = rows.filter(handler_id=actor.person_id) if actor.person_id else rows.none()
    elif name == "unit":
        rows = rows.filter(held_by_units(actor, "holder_id"))
    elif name == "asked":
        rows = rows.filter(held_by_units(actor, "asked_id"))
    else:
        rows = rows.filter(in_reach(actor))
    if name == "overdue":
        rows = rows.filter(due_at__lt=clock.now())
    return rows.filter(at_places([place_code])) if place_code else rows


def all_visible(actor: Actor, place_code: str = "") -> QuerySet[Matter]:
    """Open and closed matters over the actor's places or with the actor's unit, for lists ordered by number."""
    rows = Matter.objects.filter(in_reach(actor))
    return rows.filter(at_places([place_code])) if place_code else rows


@dataclass(frozen=True)
class After:
    """Where the page before ended: its last row's deadline (None: among those without one) and number."""

    due_at: dt.datetime | None
    pk: int


def cursor_of(matter: Matter) -> str:
    """Where a page ended, for an address."""
    return f"{matter.due_at.timestamp() if matter.due_at else ''}_{matter.pk}"


def after_cursor(cursor: str) -> After | None:
    """What `cursor_of` wrote; None for anything else."""
    due, _separator, number = cursor.partition("_")
    pk = whole_number(number)
    if pk is None:
        return None
    try:
        return After(dt.datetime.fromtimestamp(float(due), dt.UTC) if due else None, pk)
    except (ValueError, OverflowError, OSError):
        return None


def page_by_deadline(rows: QuerySet[Matter], size: int, after: After | None = None) -> list[Matter]:
    """The next `size` rows, the nearest deadline first. One query, or two further on where the dated ones run out.

    The first page does not ask for a deadline, those without one come last by themselves: the planner would take "has one" for
    a tenth of what is due in a week, as it is of all.
    """
    if after is None:
        return list(rows.order_by("due_at", "pk")[:size])
    undated = rows.filter(due_at__isnull=True).order_by("pk")
    if after.due_at is None:
        return list(undated.filter(pk__gt=after.pk)[:size])
    later = Q(due_at__gt=after.due_at) | Q(due_at=after.due_at, pk__gt=after.pk)
    found = list(rows.filter(later, due_at__gte=after.due_at).order_by("due_at", "pk")[:size])
    return found if len(found) == size else [*found, *undated[: size - len(found)]]


@dataclass(frozen=True)
class Count:
    """How many there are, exactly up to COUNTED_TO."""

    number: int

    @property
    def is_more(self) -> bool:
        return self.number > COUNTED_TO

    def __str__(self) -> str:
        return _("%(number)d 以上") % {"number": COUNTED_TO} if self.is_more else str(self.number)


def count_of(rows: QuerySet[Any]) -> Count:
    """Counts no further than it shows."""
    return Count(rows.order_by().values("pk")[: COUNTED_TO + 1].count())


def found_in(rows: QuerySet[Matter], text: str) -> QuerySet[Matter]:
    """Rows that have every word of `text` in subject, words or address; or whose number it is.

    Two characters are looked up in the index of neighbouring characters, three and more in the trigram index, which
    knows nothing shorter. Raises RuleViolation for a single character, and where there is nothing but signs.
    """
    number = number_in(text.strip())
    if number is not None:
        return rows.filter(pk=number)
    words = [sought for word in text.split() if (sought := sought_of(word))]
    if text.strip() and not words:
        raise RuleViolation(
            _("「%(word)s」里没有可以查找的字，请至少输入两个字。") % {"word": text.strip()}, field="q"
        )
    for word in words:
        if len(word) == 1:
            raise RuleViolation(_("「%(word)s」只有一个字，请至少输入两个字。") % {"word": word}, field="q")
        rows = rows.filter(bigrams__contains=[word]) if len(word) == 2 else rows.filter(sought__contains=word)
    return rows


_NUMBER = re.compile(r"([A-Za-z]{2})0*(\d{1,15})")


def number_in(text: str) -> int | None:
    """The row number in a matter's number ("QS0000123"); None where it is no number of any law."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None or match[1].upper() not in {law.prefix for law in all_laws()}:
        return None
    return int(match[2])
